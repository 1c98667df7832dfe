"""The sample newsletter in a folder of its own, with what only the pages of claims show: code and artifacts."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import sample_content as content
from sample_bodies import build

from probatum.newsletter.content import Newsletter

PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000"
    "0003010100c9fe92ef0000000049454e44ae426082"
)
"""A PNG of one pixel."""

CODE = '''"""Measures banding."""\n\n\ndef {name}(*, seed):\n    return {{"score": 1 < 2 and "</script>"}}\n'''

ENVIRONMENT = {"python": "3.11.7", "numpy": "2.4.6", "cpu": "2 cores", "libraries": {"blas": "none"}}


def build_in(folder: Path) -> Newsletter:
    """The sample with readable expectations, experiments on disk, and a picture that a trial left."""
    newsletter = build()
    (folder / "experiments").mkdir(parents=True)
    (folder / "ledger" / "artifacts").mkdir(parents=True)
    for claim in newsletter.claims():
        if claim.experiment:
            code = CODE.format(name=claim.experiment)
            (folder / "experiments" / f"{claim.experiment}.py").write_text(code)
    digest = sha256(PICTURE).hexdigest()
    (folder / "ledger" / "artifacts" / f"{digest}.png").write_bytes(PICTURE)
    (folder / "ledger" / "artifacts" / f"{digest}.csv").write_bytes(b"1,2\n")
    trials = {
        name: tuple(
            replace(trial, environment=ENVIRONMENT, artifacts={"bands.png": digest, "bands.csv": digest})
            for trial in found
        )
        for name, found in newsletter.trials.items()
    }
    units = replace(content.UNITS, expect="share >= 1 and p < 1e-8")
    branches = replace(content.BRANCHES, claims=(units, content.CURVES))
    entries = {**newsletter.entries, branches.id: branches}
    return replace(newsletter, folder=folder, trials=trials, entries=entries)
