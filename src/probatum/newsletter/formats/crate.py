"""The runs behind each claim as a Process Run RO-Crate: trials, metrics, code and figures in one zip file."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from probatum.claims.claim import Claim
from probatum.claims.experiment import source
from probatum.claims.provenance import code_digest
from probatum.claims.trial import Trial
from probatum.errors import ProbatumError
from probatum.newsletter import urls
from probatum.newsletter.content import Newsletter
from probatum.newsletter.output import Output
from probatum.newsletter.parts.run_graph import Runs, code_that_ran, ended, metrics_path

_EPOCH = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o644 << 16


def write(newsletter: Newsletter, out: Output) -> list[Path]:
    """Write a crate for every claim that has trials."""
    return [
        _crate(newsletter, claim, trials, out)
        for claim in newsletter.claims()
        if (trials := newsletter.trials.get(claim.name))
    ]


def _crate(newsletter: Newsletter, claim: Claim, trials: tuple[Trial, ...], out: Output) -> Path:
    code, artifacts = _code(newsletter, claim, trials), _artifacts(newsletter, trials)
    files = {f"code/{path.name}": path for path in code.values()}
    files |= {f"artifacts/{path.name}": path for path in artifacts.values()}
    runs = Runs(
        config=newsletter.config,
        title=newsletter.rendered[claim.entry].title.text,
        url=newsletter.entries[claim.entry].url,
        claim=claim,
        verdict=newsletter.verdicts[claim.name],
        trials=trials,
        published=_published(newsletter, claim, trials),
        code={digest: f"code/{path.name}" for digest, path in code.items()},
        artifacts={digest: f"artifacts/{path.name}" for digest, path in artifacts.items()},
    )
    return out.derive(urls.crate(claim), runs, lambda: _zip(runs, files))


def _code(newsletter: Newsletter, claim: Claim, trials: Iterable[Trial]) -> dict[str, Path]:
    """The experiment's file by the digest of its code, if that is still the code of a trial."""
    try:
        path = source(claim.experiment or "", newsletter.experiments)
    except ProbatumError:
        return {}
    digest = code_digest(path)
    return {digest: path} if any(code_that_ran(trial) == digest for trial in trials) else {}


def _artifacts(newsletter: Newsletter, trials: Iterable[Trial]) -> dict[str, Path]:
    """The figures that the trials left, by digest, as far as the ledger has them."""
    ledger = newsletter.ledger
    kept = sorted((digest, name) for trial in trials for name, digest in trial.artifacts.items())
    paths = {digest: ledger.artifact(name, digest) for digest, name in kept}
    return {digest: path for digest, path in paths.items() if path.is_file()}


def _published(newsletter: Newsletter, claim: Claim, trials: Iterable[Trial]) -> str:
    """The day of the issue, or of the last trial where the issue has none."""
    number = newsletter.issue_of.get(claim.entry)
    days = [issue.date.isoformat() for issue in newsletter.issues if issue.number == number and issue.date]
    return days[0] if days else max(ended(trial) for trial in trials)[:10]


def _zip(runs: Runs, files: Mapping[str, Path]) -> bytes:
    records = [trial.to_record() for trial in runs.trials]
    parts = {"trials.jsonl": "".join(_line(record) for record in records).encode()}
    for trial, record in zip(runs.trials, records, strict=True):
        if trial.metrics is not None:
            parts[metrics_path(trial)] = _line(record["metrics"]).encode()
    parts |= {name: path.read_bytes() for name, path in files.items()}
    graph = runs.graph({name: len(data) for name, data in parts.items()})
    data = io.BytesIO()
    with ZipFile(data, "w") as crate:
        for name, part in {"ro-crate-metadata.json": graph.encode(), **parts}.items():
            about = ZipInfo(name, _EPOCH)
            about.external_attr = _READABLE
            about.compress_type = ZIP_DEFLATED
            crate.writestr(about, part)
    return data.getvalue()


def _line(record: object) -> str:
    return json.dumps(record, sort_keys=True, ensure_ascii=False) + "\n"
