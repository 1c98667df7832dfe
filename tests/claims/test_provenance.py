"""The digest of an experiment's code: what is in its closure and what is not."""

import os
import sys

import pytest

from probatum.claims import provenance
from probatum.claims.experiment import load, names, source
from probatum.claims.provenance import closure, code_digest, environment, libraries, trial_key
from probatum.errors import ProbatumError


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package in place of ours, and an experiment of a newsletter that uses it."""
    root = tmp_path / "probatum"
    files = {
        "probatum/__init__.py": "",
        "probatum/methods/__init__.py": "from probatum.methods.inner import deep\n",
        "probatum/methods/inner.py": "def deep(): return 1\n",
        "probatum/methods/score.py": "from . import steps\nfrom .. import lone\n",
        "probatum/methods/steps.py": "import numpy.linalg\n",
        "probatum/methods/other.py": "from .. import methods\n",
        "probatum/lone.py": "def inside():\n    from probatum.late import late\n",
        "probatum/late.py": "TABLE = 'table.csv'\n",
        "probatum/data/table.csv": "a,b\n1,2\n",
        "probatum/data/unused.csv": "a,b\n",
        "own/try_it.py": "from probatum.methods import score\nimport _shared, json\n\ndef try_it(*, seed): ...\n",
        "own/_shared.py": "import torch\n",
        "own/another.py": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(provenance, "PACKAGE", root)
    return tmp_path


def inside(package, name="own/try_it.py"):
    return {path.relative_to(package).as_posix() for path in closure(package / name)}


CLOSURE = {
    "own/try_it.py", "own/_shared.py", "probatum/methods/score.py", "probatum/methods/steps.py",
    "probatum/lone.py", "probatum/late.py", "probatum/data/table.csv",
}  # fmt: skip


def test_closure(package):
    assert inside(package) == CLOSURE


def test_an_init_counts_where_it_is_imported_from_itself(package):
    (package / "own/another.py").write_text("from probatum.methods import deep\nimport probatum.methods.other\n")
    assert inside(package, "own/another.py") == {
        "own/another.py", "probatum/methods/__init__.py", "probatum/methods/inner.py", "probatum/methods/other.py",
    }  # fmt: skip


def test_the_digest_changes_with_the_closure_and_with_nothing_else(package):
    experiment = package / "own/try_it.py"
    before = code_digest(experiment)
    for path in sorted(path for path in package.rglob("*") if path.is_file()):
        text = path.read_text()
        path.write_text(text + "# changed\n")
        changed = code_digest(experiment) != before
        assert changed == (path.relative_to(package).as_posix() in CLOSURE), path
        path.write_text(text)
        assert code_digest(experiment) == before


def test_line_ends_and_folders_are_nothing(package, tmp_path_factory):
    before = code_digest(package / "own/try_it.py")
    for path in (package / "own/try_it.py", package / "probatum/data/table.csv"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert code_digest(package / "own/try_it.py") == before
    moved = tmp_path_factory.mktemp("elsewhere") / "place"
    package.joinpath("own").rename(moved)
    assert code_digest(moved / "try_it.py") == before


@pytest.mark.parametrize("text", ["PATH = 'data'\n", "def read(x): return open(f'data/{x}.csv')\n"])
def test_where_a_name_is_put_together_all_data_counts(package, text):
    (package / "probatum/late.py").write_text(text)
    assert inside(package) == CLOSURE | {"probatum/data/unused.csv"}


def test_what_is_no_python_is_said_with_its_line(package):
    (package / "own/_shared.py").write_text("x = 1\ny = = 2\n")
    with pytest.raises(ProbatumError, match=r"_shared\.py:2: invalid syntax"):
        code_digest(package / "own/try_it.py")


def test_libraries(package):
    assert libraries(closure(package / "own/try_it.py")) == ["numpy", "torch"]


def test_every_experiment_of_the_package_has_a_closure():
    for name in names(None):
        files = closure(source(name, None))
        assert files
        assert all(path.is_file() for path in files)


def test_the_key_is_of_experiment_code_parameters_and_seed():
    key = trial_key("draw", "c", {"a": 1, "b": [2]}, 0)
    assert trial_key("draw", "c", {"b": [2], "a": 1}, 0) == key
    others = [("drew", "c", {"a": 1, "b": [2]}, 0), ("draw", "d", {"a": 1, "b": [2]}, 0), ("draw", "c", {"a": 1}, 0),
              ("draw", "c", {"a": 1, "b": [2]}, 1)]  # fmt: skip
    assert len({key, *(trial_key(*other) for other in others)}) == 5


def test_environment_names_what_was_imported():
    found = environment(["numpy"])
    assert {"probatum", "python", "system", "processor", "cores", "threads", "numpy"} == set(found)


def test_experiments_are_found_without_importing_them(place):
    place.write("broken", "raise SystemExit\n")
    place.write("_shared", "")
    assert {"draw", "broken", "family_in_branch"} <= names(place.experiments)
    assert "_shared" not in names(place.experiments)
    assert source("draw", place.experiments) == place.experiments / "draw.py"
    assert "draw" not in sys.modules


def test_an_unknown_experiment_is_said_with_the_nearest(place):
    with pytest.raises(ProbatumError, match="unknown experiment 'drow'; did you mean 'draw'"):
        source("drow", place.experiments)
    for name in ("../draw", "nothing like it"):
        with pytest.raises(ProbatumError, match="unknown experiment"):
            source(name, place.experiments)


def test_loading(place):
    path = source("draw", place.experiments)
    assert load(path) is load(path)
    place.refactor(old="0, 1", new="0, 1.00")
    assert load(path)(seed=1)["z"]
    place.write("misnamed", "def other(): ...\n")
    with pytest.raises(ProbatumError, match="no function 'misnamed'"):
        load(source("misnamed", place.experiments))
    assert load(source("family_in_branch", place.experiments)).__name__ == "family_in_branch"


def test_an_edit_within_a_second_and_of_equal_size_is_run(tmp_path, monkeypatch):
    """What Python keeps compiled is told from older text by whole seconds and sizes alone."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    path = tmp_path / "edited.py"
    for place, value in enumerate((1.0, 2.0)):
        path.write_text(f"def edited(*, seed):\n    return {{'z': {value}}}\n")
        os.utime(path, ns=(10**18 + place, 10**18 + place))
        assert load(path)(seed=0) == {"z": value}
