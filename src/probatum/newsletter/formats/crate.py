"""The runs behind each claim as a Process Run RO-Crate: trials, metrics, code and figures in one zip file."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from probatum.claims.claim import Claim
from probatum.claims.trial import Trial
from probatum.newsletter import urls
from probatum.newsletter.content import Newsletter
from probatum.newsletter.output import Output
from probatum.newsletter.run_graph import Runs, ended, metrics_path

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
    runs = Runs(
        config=newsletter.config,
        entry=newsletter.entries[claim.entry],
        claim=claim,
        verdict=newsletter.verdicts[claim.name],
        trials=trials,
        published=_published(newsletter, claim, trials),
        code={digest: f"code/{path.name}" for digest, path in code.items()},
        artifacts={digest: f"artifacts/{path.name}" for digest, path in artifacts.items()},
    )
    return out.derive(urls.crate(claim), runs, lambda: _zip(runs, (*code.values(),), (*artifacts.values(),)))
