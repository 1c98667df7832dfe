"""The pages of a training: one for all of it, one for each method, one for each policy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from probatum.cli.learning_facts import facts, python_code, title
from probatum.cli.learning_record import Learning
from probatum.cli.page_file import write_page

if TYPE_CHECKING:
    from probatum.cli.learning import Learned
    from probatum.result import Result

PAGE = "report.html"


def health_lines(learned: Learned) -> tuple[str, ...]:
    """Return what the diagnostics of a single policy say; several policies tell it themselves."""
    from probatum.control.health import policy_health
    from probatum.control.learned_policy import LearnedPolicy

    return policy_health(learned.result) if isinstance(learned.result, LearnedPolicy) else ()


def write_reports(asked: Learning, learned: Learned, out: Path) -> list[Path]:
    """Write the pages and return where they are, that of the whole first."""
    from probatum.cli.learning import policy_folders

    made = [_write(asked, learned, learned.result, title(asked), out / PAGE)]
    for name, policies in learned.policies.items():
        folder = asked.folder(out, name)
        if len(asked.methods) > 1:
            made.append(_write(asked, learned, learned.results[name], title(asked, [name]), folder / PAGE))
        if len(policies) > 1:
            places = policy_folders(asked, folder)
            for policy in policies:
                about = f"{title(asked, [name])}, seed {policy.seed}"
                made.append(_write(asked, learned, policy, about, places[policy.seed] / PAGE))
    return made


def _write(asked: Learning, learned: Learned, result: Result, about: str, path: Path) -> Path:
    from probatum.report import report_html

    page = report_html(result, title=about, facts=facts(asked, learned.policies), code=python_code(asked))
    write_page(path, page)
    return path
