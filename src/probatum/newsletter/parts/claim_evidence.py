"""All that is known of one claim: verdict and its history, trials, the code that made them, and what they left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from probatum.claims.claim import Claim
from probatum.claims.experiment import source
from probatum.claims.history import Expected, first_expectations, verdicts_of
from probatum.claims.judge import Verdict
from probatum.claims.ledger import Ledger
from probatum.claims.trial import Trial
from probatum.errors import ProbatumError
from probatum.newsletter.content import Newsletter
from probatum.newsletter.parts.still_picture import is_still, title


@dataclass(frozen=True)
class Artifact:
    """A file that a trial left; `path` is where the ledger keeps it, under a digest of its bytes."""

    seed: int
    name: str
    path: Path

    @property
    def is_picture(self) -> bool:
        """Whether a browser shows it without running anything in it."""
        return is_still(self.path)

    @property
    def caption(self) -> str:
        """Its name, the seed that left it, and what the picture says of itself."""
        about = title(self.path) if self.is_picture else ""
        return f"{self.name}, from seed {self.seed}" + (f": {about}" if about else "")


@dataclass(frozen=True)
class Evidence:
    """What the page of a claim shows."""

    claim: Claim
    verdict: Verdict
    trials: tuple[Trial, ...]
    artifacts: tuple[Artifact, ...]
    code: str
    expected_first: str
    history: tuple[Mapping[str, object], ...]

    @property
    def environments(self) -> list[tuple[list[int], Mapping[str, object]]]:
        """The environments in which the trials ran, each once with its seeds."""
        found: list[tuple[list[int], Mapping[str, object]]] = []
        for trial in self.trials:
            known = next((seeds for seeds, environment in found if environment == trial.environment), None)
            if known is None:
                found.append(([trial.seed], trial.environment))
            else:
                known.append(trial.seed)
        return found


def all_evidence(newsletter: Newsletter) -> Iterator[Evidence]:
    """The evidence of every claim, in order of appearance."""
    ledger = newsletter.ledger
    first = first_expectations(ledger)
    for claim in newsletter.claims():
        yield _evidence(newsletter, claim, ledger, first.get(claim.name))


def _evidence(newsletter: Newsletter, claim: Claim, ledger: Ledger, first: Expected | None) -> Evidence:
    trials = newsletter.trials.get(claim.name, ())
    return Evidence(
        claim=claim,
        verdict=newsletter.verdicts[claim.name],
        trials=trials,
        artifacts=tuple(_artifacts(trials, ledger)),
        code=_code(claim, newsletter.experiments),
        expected_first=first.text if first else "",
        history=tuple(verdicts_of(claim, ledger)),
    )


def _artifacts(trials: tuple[Trial, ...], ledger: Ledger) -> Iterator[Artifact]:
    """The files that are kept here, each once, with the lowest seed that left it."""
    seen = set()
    for trial in sorted(trials, key=lambda trial: trial.seed):
        for name, digest in sorted(trial.artifacts.items()):
            path = ledger.artifact(name, digest)
            if path not in seen and path.is_file():
                seen.add(path)
                yield Artifact(trial.seed, name, path)


def _code(claim: Claim, experiments: Path) -> str:
    """The text of the experiment as it is now, or nothing where it is gone."""
    if not claim.experiment:
        return ""
    try:
        return source(claim.experiment, experiments).read_text(encoding="utf-8")
    except ProbatumError:
        return ""
