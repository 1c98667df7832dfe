import json
import zipfile
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from rocrate.rocrate import ROCrate

from probatum.claims.ledger import Ledger
from probatum.claims.provenance import code_digest
from probatum.newsletter import urls
from probatum.newsletter.formats import crate
from probatum.newsletter.output import Output

BANDING = "weight-banding/pooling-makes-bands"
FIGURE = b"<svg/>"
DENSE = "weight-banding/dense-heads-do-not"
EXPERIMENT = "def banding(*, seed: int) -> dict[str, float]:\n    return {'score': 0.1}\n"


@pytest.fixture
def newsletter(sample_newsletter, tmp_path):
    """The sample newsletter with an experiment of its own, whose first trial left a figure."""
    folder = tmp_path / "newsletter"
    (folder / "experiments").mkdir(parents=True)
    source = folder / "experiments" / "banding.py"
    source.write_text(EXPERIMENT)
    figure = sha256(FIGURE).hexdigest()
    kept = Ledger(folder / "ledger").artifact("kernels.svg", figure)
    kept.parent.mkdir(parents=True)
    kept.write_bytes(FIGURE)
    code = code_digest(source)
    trials = {
        name: tuple(
            replace(trial, code=code, artifacts={"kernels.svg": figure} if trial.seed == 0 else {}) for trial in own
        )
        for name, own in sample_newsletter.trials.items()
    }
    return replace(sample_newsletter, folder=folder, trials=trials)


def written(newsletter, out):
    paths = crate.write(newsletter, out)
    out.commit(paths)
    return paths


def path_of(newsletter, out, name):
    (claim,) = [claim for claim in newsletter.claims() if claim.name == name]
    return out.folder / urls.crate(claim)


def loaded(newsletter, out, name, tmp_path):
    """The crate as the `rocrate` library reads it, from its zip file."""
    written(newsletter, out)
    return ROCrate(path_of(newsletter, out, name))


def trials_of(found):
    return [entity for entity in found.get_entities() if entity.type == "CreateAction"]


def with_trials(newsletter, name, **changes):
    trials = tuple(replace(trial, **changes) for trial in newsletter.trials[name])
    return replace(newsletter, trials={**newsletter.trials, name: trials})


def test_every_claim_with_trials_has_one(newsletter, out):
    names = {path.name for path in written(newsletter, out)}
    assert names == {f"{name.replace('/', '.')}.crate.zip" for name in newsletter.trials}


def test_it_loads_and_says_what_it_is(newsletter, out, tmp_path):
    root = loaded(newsletter, out, BANDING, tmp_path).root_dataset
    assert root["conformsTo"].id == "https://w3id.org/ro/wfrun/process/0.5"
    assert root["license"] == "CC BY 4.0"
    assert str(root["datePublished"]).startswith("2021-04-21")
    assert "refuted; reported: visible bands" in root["description"]
    assert "left out" not in root["description"]
    assert root["publisher"]["name"] == "Tried & Tested"
    assert root["about"]["text"] == "Networks with global average pooling show banding."
    assert len(root["mentions"]) == 5


def test_every_trial_is_an_action_with_code_parameters_and_metrics(newsletter, out, tmp_path):
    actions = trials_of(loaded(newsletter, out, BANDING, tmp_path))
    assert [action["name"] for action in actions] == [f"banding, seed {seed}" for seed in range(5)]
    first = actions[0]
    assert first["instrument"].id == "code/banding.py"
    assert set(first["instrument"].type) == {"File", "SoftwareSourceCode"}
    assert (first["object"]["name"], first["object"]["value"]) == ("seed", 0)
    assert [result.id.split("/")[0] for result in first["result"]] == ["metrics", "artifacts"]
    assert first["agent"]["name"] == "Tried & Tested"
    assert first["startTime"] == "2021-04-20T10:00:00.000+00:00"
    assert first["endTime"] == "2021-04-20T10:00:01.500+00:00"
    assert first["actionStatus"] == "http://schema.org/CompletedActionStatus"


def test_a_failed_trial_is_a_failed_action(newsletter, out, tmp_path):
    failed = trials_of(loaded(newsletter, out, DENSE, tmp_path))[1:]
    assert len(failed) == 4
    for action in failed:
        assert action["actionStatus"] == "http://schema.org/FailedActionStatus"
        assert "ZeroDivisionError" in action["error"]
        assert action.get("result") is None


def test_unpacked_it_holds_code_trials_and_figures(newsletter, out, tmp_path):
    written(newsletter, out)
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(path_of(newsletter, out, BANDING)) as packed:
        packed.extractall(folder)
    ROCrate(folder)
    assert (folder / "code/banding.py").read_text() == EXPERIMENT
    lines = [json.loads(line) for line in (folder / "trials.jsonl").read_text().splitlines()]
    assert [line["seed"] for line in lines] == [0, 1, 2, 3, 4]
    assert json.loads((folder / f"metrics/{lines[2]['key']}.json").read_text()) == {"score": 0.021}
    assert [path.read_bytes() for path in (folder / "artifacts").iterdir()] == [FIGURE]


def test_every_file_is_described_and_every_reference_leads_somewhere(newsletter, out):
    written(newsletter, out)
    for name in newsletter.trials:
        with zipfile.ZipFile(path_of(newsletter, out, name)) as packed:
            graph = json.loads(packed.read("ro-crate-metadata.json"))["@graph"]
            files = set(packed.namelist())
        ids = [node["@id"] for node in graph]
        assert len(ids) == len(set(ids))
        (root,) = [node for node in graph if node["@id"] == "./"]
        assert {part["@id"] for part in root["hasPart"]} == files - {"ro-crate-metadata.json"}
        outside = {target for node in graph for target in references(node)} - set(ids)
        assert all("schema.org" in target or "w3id.org" in target for target in outside), outside


def references(node):
    for value in node.values():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                yield item["@id"]


def test_parameters_are_told_with_their_values(newsletter, out, tmp_path):
    values = {"layers": [1, 2], "data": "a b/c", "rate": 0.1, "flag": True, "none": None}
    changed = with_trials(newsletter, BANDING, parameters=values)
    (first, *_) = trials_of(loaded(changed, out, BANDING, tmp_path))
    told = {value["name"]: value["value"] for value in first["object"]}
    assert told == {"layers": "[1, 2]", "data": "a b/c", "rate": 0.1, "flag": True, "none": "null", "seed": 0}


def test_code_that_changed_since_is_left_out_and_the_crate_says_so(newsletter, out, tmp_path):
    (newsletter.folder / "experiments/banding.py").write_text(EXPERIMENT + "# changed\n")
    found = loaded(newsletter, out, BANDING, tmp_path)
    code = newsletter.trials[BANDING][0].code
    assert f"The code {code} that ran is no longer the code of today" in found.root_dataset["description"]
    assert found.dereference("code/banding.py") is None
    assert trials_of(found)[0]["instrument"]["version"] == code


def test_code_of_an_experiment_that_is_gone_is_left_out(newsletter, out, tmp_path):
    (newsletter.folder / "experiments/banding.py").unlink()
    assert "left out" in loaded(newsletter, out, BANDING, tmp_path).root_dataset["description"]


def test_a_carried_trial_names_the_code_that_made_its_numbers(newsletter, out, tmp_path):
    found = loaded(with_trials(newsletter, BANDING, carried_from="abc123"), out, BANDING, tmp_path)
    assert trials_of(found)[0]["instrument"]["version"] == "abc123"
    assert "The code abc123 that ran" in found.root_dataset["description"]


def test_a_missing_artifact_is_told(newsletter, out, tmp_path):
    found = loaded(with_trials(newsletter, BANDING, artifacts={"a.png": "f" * 64}), out, BANDING, tmp_path)
    assert f"The artifact {'f' * 64} is left out" in found.root_dataset["description"]


def test_a_metric_that_is_no_number_is_json_all_the_same(newsletter, out):
    written(with_trials(newsletter, BANDING, metrics={"score": float("nan")}), out)
    with zipfile.ZipFile(path_of(newsletter, out, BANDING)) as packed:
        first = json.loads(packed.read("trials.jsonl").splitlines()[0], parse_constant=pytest.fail)
        assert json.loads(packed.read(f"metrics/{first['key']}.json")) == {"score": "nan"}


@pytest.mark.parametrize("licence", ["https://creativecommons.org/licenses/by/4.0/", ""])
def test_the_licence_is_an_address_a_text_or_said_to_be_missing(newsletter, out, tmp_path, licence):
    changed = replace(newsletter, config=replace(newsletter.config, licence=licence))
    found = loaded(changed, out, BANDING, tmp_path).root_dataset["license"]
    assert found == "No licence is stated." if not licence else found.id == licence


def test_without_a_date_of_the_issue_the_last_trial_dates_it(newsletter, out, tmp_path):
    issues = tuple(replace(issue, date=None) for issue in newsletter.issues)
    root = loaded(replace(newsletter, issues=issues), out, BANDING, tmp_path).root_dataset
    assert str(root["datePublished"]).startswith("2021-04-20")


def test_equal_content_makes_equal_bytes(newsletter, tmp_path):
    first, second = (written(newsletter, Output(tmp_path / name)) for name in "ab")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_it_is_made_again_only_when_something_changed(newsletter, out, monkeypatch):
    written(newsletter, out)
    made: list[Path] = []
    monkeypatch.setattr(crate, "_zip", lambda runs, _: made.append(runs.claim.name) or b"")
    crate.write(newsletter, out)
    assert made == []
    crate.write(with_trials(newsletter, BANDING, worker="other"), out)
    assert made == [BANDING]
