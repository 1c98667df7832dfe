"""The runs behind a claim as linked data: the graph of a Process Run Crate (RO-Crate 1.1, profile 0.5).

Each trial is a `CreateAction`: the experiment's code, given parameters and a seed, made a file of metrics.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from probatum.claims.claim import Claim
from probatum.claims.judge import Verdict
from probatum.claims.trial import Trial
from probatum.newsletter import urls
from probatum.newsletter.content import Config
from probatum.newsletter.wording import evidence, verdict_words

_PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
_CRATE = "https://w3id.org/ro/crate/1.1"
_CONTEXT = [f"{_CRATE}/context", "https://w3id.org/ro/terms/workflow-run/context"]
_TYPES = {
    ".json": "application/json", ".jsonl": "application/x-ndjson", ".py": "text/x-python",
    ".png": "image/png", ".svg": "image/svg+xml", ".csv": "text/csv",
}  # fmt: skip

Node = dict[str, object]


@dataclass(frozen=True, kw_only=True)
class Runs:
    """A claim with its trials, and where in the crate each file lies.

    `title` and `url` are those of the work that claims it. `code` maps the digest of the code that ran to its
    file, `artifacts` a SHA-256 to its; what is not there was not to be had, and the graph says so.
    """

    config: Config
    title: str
    url: str
    claim: Claim
    verdict: Verdict
    trials: tuple[Trial, ...]
    published: str
    code: Mapping[str, str]
    artifacts: Mapping[str, str]

    def graph(self, files: Mapping[str, int]) -> str:
        """Write `ro-crate-metadata.json` for a crate that holds `files`, given with their sizes."""
        nodes: dict[str, Node] = {}
        for node in self._nodes(files):
            # The code is named twice, as what ran and as a file: what is said of it is put together.
            nodes[str(node["@id"])] = node | nodes.get(str(node["@id"]), {})
        document = {"@context": _CONTEXT, "@graph": list(nodes.values())}
        return json.dumps(document, ensure_ascii=False, indent=1) + "\n"

    def _nodes(self, files: Mapping[str, int]) -> Iterator[Node]:
        yield {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "about": _to("./"),
            "conformsTo": _to(_CRATE),
        }
        yield self._root(files)
        yield {"@id": _PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"}
        yield {"@id": self._agent, "@type": "Organization", "name": self.config.title, "url": self.config.url}
        yield {"@id": "#claim", "@type": "Claim", "text": self.claim.says, "appearance": _to("#work")}
        yield {"@id": "#work", "@type": "CreativeWork", "name": self.title} | self._address
        if _is_address(self._licence):
            yield {"@id": self._licence, "@type": "CreativeWork", "name": "Licence"}
        for trial in self.trials:
            yield self._action(trial)
            yield self._instrument(trial)
            yield from _parameters(trial)
        for path, size in files.items():
            yield _file(path, size)

    def _root(self, files: Mapping[str, int]) -> Node:
        claim, verdict = self.claim, self.verdict
        tried = f"{verdict_words(claim, verdict)}; {evidence(claim, verdict)}"
        return {
            "@id": "./",
            "@type": "Dataset",
            "name": f"Trials of the claim {claim.name}",
            "description": f"{claim.says} [{tried}]{self._lacking}",
            "datePublished": self.published,
            "license": _to(self._licence) if _is_address(self._licence) else self._licence,
            "conformsTo": _to(_PROFILE),
            "author": _to(self._agent),
            "publisher": _to(self._agent),
            "url": self._page,
            "about": _to("#claim"),
            "hasPart": _each(files),
            "mentions": _each(map(_action_id, self.trials)),
        }

    @property
    def _address(self) -> Node:
        return {"url": self.url} if self.url else {}

    @property
    def _page(self) -> str:
        return self.config.url + urls.claim(self.claim)

    @property
    def _agent(self) -> str:
        return self.config.url

    @property
    def _licence(self) -> str:
        return self.config.licence or "No licence is stated."

    @property
    def _lacking(self) -> str:
        """What a complete crate would hold and this one does not."""
        code = {code_that_ran(trial) for trial in self.trials}
        artifacts = {digest for trial in self.trials for digest in trial.artifacts.values()}
        parts = [
            f" The code {digest} that ran is no longer the code of today and is left out."
            for digest in sorted(code - self.code.keys())
        ]
        parts += [
            f" The artifact {digest} is left out: its file is missing."
            for digest in sorted(artifacts - self.artifacts.keys())
        ]
        return "".join(parts)

    def _action(self, trial: Trial) -> Node:
        action: Node = {
            "@id": _action_id(trial),
            "@type": "CreateAction",
            "name": f"{trial.experiment}, seed {trial.seed}",
            "description": f"One trial of the claim: {self.claim.says}",
            "instrument": _to(self._code_id(trial)),
            "object": _each(str(node["@id"]) for node in _parameters(trial)),
            "agent": _to(self._agent),
            "startTime": _moment(trial),
            "endTime": ended(trial),
        }
        if trial.error is not None:
            return action | {
                "actionStatus": "http://schema.org/FailedActionStatus",
                "error": trial.error,
            }
        kept = [self.artifacts[digest] for digest in trial.artifacts.values() if digest in self.artifacts]
        return action | {
            "actionStatus": "http://schema.org/CompletedActionStatus",
            "result": _each((metrics_path(trial), *kept)),
        }

    def _code_id(self, trial: Trial) -> str:
        return self.code.get(code_that_ran(trial), f"#code-{code_that_ran(trial)}")

    def _instrument(self, trial: Trial) -> Node:
        kind = ["File", "SoftwareSourceCode"] if code_that_ran(trial) in self.code else "SoftwareSourceCode"
        return {
            "@id": self._code_id(trial),
            "@type": kind,
            "name": trial.experiment,
            "version": code_that_ran(trial),
            "url": self._page,
            "programmingLanguage": "Python",
        }


def code_that_ran(trial: Trial) -> str:
    """The digest of the code that made the numbers, which for a carried trial is an earlier one."""
    return trial.carried_from or trial.code


def metrics_path(trial: Trial) -> str:
    """Where a trial's metrics lie in the crate."""
    return f"metrics/{trial.key}.json"


def ended(trial: Trial) -> str:
    """When a trial ended, in UTC."""
    return _moment(trial, trial.wall_seconds)


def _moment(trial: Trial, after: float = 0.0) -> str:
    moment = datetime.fromisoformat(trial.started) + timedelta(seconds=after)
    return moment.isoformat(timespec="milliseconds")


def _parameters(trial: Trial) -> Iterator[Node]:
    for name, value in sorted({**trial.parameters, "seed": trial.seed}.items()):
        plain = value if isinstance(value, str | int | float) else json.dumps(value, sort_keys=True)
        id = f"#{quote(name, safe='')}={quote(json.dumps(value, sort_keys=True), safe='')}"
        yield {"@id": id, "@type": "PropertyValue", "name": name, "value": plain}


def _file(path: str, size: int) -> Node:
    node: Node = {"@id": path, "@type": "File", "name": path.rpartition("/")[2], "contentSize": str(size)}
    kind = _TYPES.get(path[path.rfind(".") :])
    return node | ({"encodingFormat": kind} if kind else {})


def _action_id(trial: Trial) -> str:
    return f"#trial-{trial.key}"


def _is_address(text: str) -> bool:
    return text.startswith(("https://", "http://")) and " " not in text


def _each(ids: Iterable[str]) -> object:
    """References to several nodes; to a single one without a list, as RO-Crate asks."""
    found = [_to(id) for id in ids]
    return found[0] if len(found) == 1 else found


def _to(id: str) -> dict[str, str]:
    return {"@id": id}
