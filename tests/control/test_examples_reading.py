"""Examples of success from files of every format; wrong files are refused in words and nothing in them is executed."""

import io
import pickle
import zipfile

import gymnasium
import h5py
import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

from probatum.control.environments.spaces import read_spaces
from probatum.control.examples.reading import read_examples
from probatum.control.examples.writing import write_examples
from probatum.errors import ProbatumError

ROWS = np.random.default_rng(0).normal(size=(7, 3)).astype(np.float32)
BOX = gymnasium.spaces.Box


class Told(gymnasium.Env):
    """An environment that is nothing but its spaces."""

    action_space = BOX(-1, 1, (2,), np.float32)

    def __init__(self, space):
        self.observation_space = space


SPACES = read_spaces(Told(BOX(-np.inf, np.inf, (3,), np.float32)))
PARTS = read_spaces(
    Told(gymnasium.spaces.Dict({"place": BOX(-9, 9, (2,)), "goal": BOX(-9, 9, (1,))}))  # goal comes first, by name
)


def npz(path, **arrays):
    np.savez(path, **arrays)
    return path


def text(path, lines):
    path.write_text("\n".join(lines) + "\n")
    return path


def lines(rows, mark=","):
    return [mark.join(str(value) for value in row) for row in rows.tolist()]


def hdf5(path, **arrays):
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            file[name] = array
    return path


def table(path, columns):
    parquet.write_table(pyarrow.table(columns), path)
    return path


def list_column(rows):
    return {"observations": pyarrow.array([row.tolist() for row in rows])}


FILES = {
    "observations.npz": lambda path: npz(path, observations=ROWS, rewards=np.zeros(7)),
    "examples.npz": lambda path: npz(path, examples=ROWS, other=np.zeros(7)),
    "only.npz": lambda path: npz(path, whatever=ROWS),
    "plain.npy": lambda path: np.save(path, ROWS) or path,
    "double.npy": lambda path: np.save(path, ROWS.astype(np.float64)) or path,
    "plain.csv": lambda path: text(path, lines(ROWS)),
    "named.csv": lambda path: text(path, ["a,b,c", *lines(ROWS)]),
    "shuffled.csv": lambda path: text(path, ["column 2,time,column 0,column 1", *_beside(ROWS[:, [2, 0, 1]])]),
    "semicolons.csv": lambda path: text(path, lines(ROWS, ";")),
    "tabs.tsv": lambda path: text(path, ["", *lines(ROWS, "\t"), ""]),
    "spaces.txt": lambda path: text(path, lines(ROWS, "  ")),
    "mark.csv": lambda path: path.write_text("\n".join(lines(ROWS)), encoding="utf-8-sig") and path,
    "columns.parquet": lambda path: table(path, {f"c{i}": ROWS[:, i] for i in range(3)}),
    "shuffled.parquet": lambda path: table(path, {f"column {i}": ROWS[:, i] for i in (2, 0, 1)}),
    "lists.parquet": lambda path: table(path, list_column(ROWS)),
    "fixed.parquet": lambda path: table(
        path, {"examples": pyarrow.FixedSizeListArray.from_arrays(ROWS.reshape(-1), 3), "name": ["x"] * 7}
    ),
    "observations.h5": lambda path: hdf5(path, observations=ROWS, actions=np.zeros((7, 1))),
    "only.hdf5": lambda path: hdf5(path, states=ROWS),
}


def _beside(rows):
    return [f"{one},{number},{two},{three}" for number, (one, two, three) in enumerate(rows.tolist())]


@pytest.mark.parametrize("name", FILES)
def test_every_format_gives_the_same_rows(name, tmp_path):
    found = read_examples(FILES[name](tmp_path / name), spaces=SPACES)
    assert found.dtype == np.float32
    assert found.flags.c_contiguous
    assert np.array_equal(found, ROWS)
    assert np.array_equal(read_examples(str(tmp_path / name), spaces=SPACES), ROWS)


def test_what_is_written_is_read(tmp_path):
    assert write_examples(tmp_path / "e.npz", ROWS.tolist(), note="from a test") == (7, 3)
    assert np.array_equal(read_examples(tmp_path / "e.npz"), ROWS)
    assert np.load(tmp_path / "e.npz")["note"] == "from a test"
    assert [path.name for path in tmp_path.iterdir()] == ["e.npz"]
    for path, rows, message in [
        (tmp_path / "e.csv", ROWS, "name it e.npz"),
        (tmp_path / "no" / "e.npz", ROWS, "cannot be written"),
        (tmp_path / "e.npz", ROWS * np.nan, "row 0, column 0 is nan"),
    ]:
        with pytest.raises(ProbatumError, match=message):
            write_examples(path, rows)


@pytest.mark.parametrize(
    "source",
    [
        ROWS,
        ROWS.tolist(),
        list(ROWS),
        [ROWS[:2], ROWS[2], ROWS[3:]],
        tuple(ROWS.astype(np.float64)),
        {"observations": ROWS, "note": "x"},
    ],
    ids=["array", "lists", "states", "blocks", "tuple", "dict"],
)
def test_arrays_in_memory(source):
    assert np.array_equal(read_examples(source, spaces=SPACES), ROWS)


def test_whole_numbers_and_truth_values_are_numbers():
    assert read_examples(np.array([[1, 2]])).tolist() == [[1.0, 2.0]]
    assert read_examples([[True, False]]).tolist() == [[1.0, 0.0]]


def test_dict_observations_are_put_in_the_order_of_the_environment(tmp_path):
    wanted = ROWS[:, [2, 0, 1]]
    place, goal = ROWS[:, :2], ROWS[:, 2:]
    assert PARTS.names == ("goal[0]", "place[0]", "place[1]")
    states = [{"place": a, "goal": b} for a, b in zip(place, goal, strict=True)]
    for source in (
        states,
        {"place": place, "goal": goal},
        npz(tmp_path / "parts.npz", place=place, goal=goal, rewards=goal),
        hdf5(tmp_path / "parts.h5", **{"observations/place": place, "observations/goal": goal}),
    ):
        assert np.array_equal(read_examples(source, spaces=PARTS), wanted)
    assert np.array_equal(read_examples(states), wanted)  # by name, as Gymnasium sorts them


@pytest.mark.parametrize(
    ("states", "message"),
    [
        ([{"place": [1, 2]}], "of the parts place; the environment's are goal, place"),
        ([{"place": [1, 2], "goal": [1, 2]}], "the part goal has 2 columns; the environment's has 1"),
        ([{"place": [1, 2], "goal": [1]}, {"place": [1, 2]}], "item 0 has the parts"),
        ([{"place": [1, 2], "goal": [1]}, {"place": [1], "goal": [1]}], "the part place has different lengths"),
        ({"place": np.ones((3, 2)), "goal": np.ones((2, 1))}, "unequal numbers of states"),
        ({"place": np.ones((0, 2)), "goal": np.ones((0, 1))}, "without any state"),
    ],
)
def test_parts_that_do_not_fit_are_refused(states, message):
    with pytest.raises(ProbatumError, match=message):
        read_examples(states, spaces=PARTS)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (ROWS[0], r"shape \(3,\).*One state is of shape \(1, 3\)"),
        (ROWS[:6].reshape(2, 3, 3), r"shape \(2, 3, 3\).*reshape to \(6, 3\)"),
        (ROWS[:6].reshape(6, 1, 3), r"reshape to \(6, 3\)"),
        (np.zeros((0, 3)), r"empty array, shape \(0, 3\)"),
        (np.zeros((3, 0)), "empty array"),
        ([], "empty|shape"),
        (ROWS[:, :2], "examples of 2 columns, but an observation of the environment has 3 .column 0 to column 2"),
        ([["a", "b", "c"]], "holds text, first .*'a'"),
        (np.array([[object()] * 3]), "holds Python objects"),
        (ROWS + 1j, "complex numbers"),
        (np.zeros(3, [("x", "f4")]), r"records \(x\)"),
        (np.zeros((2, 3), "M8[s]"), "dates"),
        ([[1, 2], [3]], "item 0 has 2 columns and item 1 has 1"),
        ([[[1, 2], [3]]], "rows of different lengths"),
        (np.where(np.arange(21).reshape(7, 3) == 13, np.nan, ROWS), "row 4, column 1 is nan .counted from 0"),
        (np.where(ROWS > 0, np.inf, ROWS), "is inf, and .* more such values"),
        (ROWS.astype(np.float64) * 1e39, "too large for 32-bit numbers"),
        (7.0, r"shape \(\)"),
        (None, "holds Python objects"),
    ],
)
def test_wrong_values_are_refused_in_words(source, message):
    with pytest.raises(ProbatumError, match=f"^the examples: .*({message})"):
        read_examples(source, spaces=SPACES)


class Bomb:
    """Whoever unpickles this notices."""

    def __reduce__(self):
        return (pytest.fail, ("a pickle was executed",))


def bad_npz(path, content):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("observations.npy", content)
    return path


def pickled(path):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.array([[Bomb()]], dtype=object), allow_pickle=True)
    path.write_bytes(stream.getvalue())
    return path


def cut(path, make, share=0.5):
    make(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def claims_too_much(path):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": (10**12, 3)})
    path.write_bytes(header.getvalue() + b"\0" * 12)
    return path


def linked(path):
    with h5py.File(path, "w") as file:
        file["observations"] = h5py.ExternalLink("elsewhere.h5", "/x")
    return path


def outside(path):
    with h5py.File(path, "w") as file:
        file.create_dataset("observations", (7, 3), "f4", external=[("raw.bin", 0, 84)])
    return path


def huge(path):
    with h5py.File(path, "w") as file:
        file.create_dataset("observations", (10**10, 3), "f4", chunks=(1000, 3))
    return path


WRONG = {
    "missing.npz": (lambda path: path, "no such file"),
    "picture.png": (lambda path: text(path, ["x"]), "examples are read from .npz, .npy, .csv"),
    "pickled.npy": (pickled, "Python objects, which are not read"),
    "pickled.npz": (lambda path: bad_npz(path, pickled(path.with_suffix(".tmp")).read_bytes()), "Python objects"),
    "bare.npy": (lambda path: path.write_bytes(pickle.dumps(Bomb())) and path, "not an npy file|Python objects"),
    "cut.npz": (lambda path: cut(path, lambda p: npz(p, observations=ROWS)), "truncated"),
    "cut.npy": (lambda path: cut(path, lambda p: np.save(p, ROWS), 0.9), "truncated"),
    "empty.npy": (lambda path: path.write_bytes(b"") or path, "truncated"),
    "claims.npy": (claims_too_much, "truncated"),
    "zip.npy": (lambda path: npz(path.with_suffix(".npz"), a=ROWS).rename(path), "name it zip.npz"),
    "many.npz": (lambda path: npz(path, a=ROWS, b=ROWS), "holds 'a', 'b'; name the array of examples 'observations'"),
    "nothing.npz": (npz, "holds nothing"),
    "columns.npz": (
        lambda path: npz(path, observations=ROWS[:, :2]),
        ": examples of 2 columns, but an observation of the environment has 3",
    ),
    "empty.csv": (lambda path: text(path, [""]), "an empty file"),
    "names.csv": (lambda path: text(path, ["a,b,c"]), "names of columns and no states"),
    "word.csv": (lambda path: text(path, ["1,2,3", "1,two,3"]), "line 2, column 1 .* is 'two', not a number"),
    "hole.csv": (lambda path: text(path, ["a,b,c", "1,,3"]), "line 2, column 1 .* is empty"),
    "ragged.csv": (lambda path: text(path, ["1,2,3", "1,2"]), "line 2 has 2 columns, those before it 3"),
    "nan.csv": (lambda path: text(path, ["1,2,3", "1,nan,3"]), "row 1, column 1 is nan"),
    "binary.csv": (lambda path: path.write_bytes(b"\xff\xfe1,2") and path, "not a text file in UTF-8"),
    "zeros.csv": (lambda path: path.write_bytes(b"1,2\x00") and path, "zero bytes"),
    "words.parquet": (lambda path: table(path, {"a": [1.0], "b": ["x"]}), "column 'b' holds string"),
    "holes.parquet": (lambda path: table(path, {"a": [1.0, None], "b": [1.0, 2.0], "c": [1, 2]}), "row 1, column 0"),
    "ragged.parquet": (
        lambda path: table(path, {"observations": [[1.0, 2.0], [1.0]]}),
        "row 1 holds 1 numbers, row 0 2",
    ),
    "lists.parquet": (lambda path: table(path, {"observations": [["x"], ["y"]]}), "something else than numbers"),
    "empty.parquet": (lambda path: table(path, {"a": pyarrow.array([], "f8")}), "an empty table"),
    "cut.parquet": (lambda path: cut(path, lambda p: table(p, list_column(ROWS))), "not a Parquet file, or truncated"),
    "cut.h5": (lambda path: cut(path, lambda p: hdf5(p, a=ROWS)), "not an HDF5 file, or truncated"),
    "link.h5": (linked, "is a link; give a file that holds its own numbers"),
    "outside.h5": (outside, "keeps its numbers in another file"),
    "huge.h5": (huge, "says that it holds 30000000000 numbers"),
    "words.h5": (lambda path: hdf5(path, observations=["a", "b"]), "holds (Python objects|text)"),
    "many.h5": (lambda path: hdf5(path, a=ROWS, b=ROWS), "name the array of examples 'observations'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_files_are_refused_in_words(name, tmp_path):
    make, message = WRONG[name]
    with pytest.raises(ProbatumError, match=f"(?s)^{tmp_path / name}.*({message})"):
        read_examples(make(tmp_path / name), spaces=SPACES)


def test_a_missing_package_names_its_extra(tmp_path, monkeypatch):
    import sys

    for package, make in {"h5py": FILES["only.hdf5"], "pyarrow": FILES["lists.parquet"]}.items():
        path = make(tmp_path / ("x.h5" if package == "h5py" else "x.parquet"))
        with monkeypatch.context() as without:
            without.setitem(sys.modules, package, None)
            with pytest.raises(ProbatumError, match=rf"needs the package '{package}'.*probatum\[control\]"):
                read_examples(path)


@pytest.fixture
def minari(tmp_path, monkeypatch):
    """Minari with an empty folder of data sets; it warns of what it lacks when it is imported."""
    import warnings

    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import minari

        yield minari


def recorded(minari, name, episodes, space=None):
    """Write a data set of episodes (observations, success of each state or None)."""
    from minari.data_collector import EpisodeBuffer

    buffers = []
    for number, (observations, success) in enumerate(episodes):
        count = len(next(iter(observations.values())) if isinstance(observations, dict) else observations)
        buffers.append(
            EpisodeBuffer(
                id=number,
                observations=observations,
                actions=np.zeros((count - 1, 2), np.float32),
                rewards=np.zeros(count - 1),
                terminations=np.zeros(count - 1, bool),
                truncations=np.zeros(count - 1, bool),
                infos={} if success is None else {"success": np.array(success)},
            )
        )
    minari.create_dataset_from_buffers(
        name,
        buffers,
        observation_space=space or BOX(-99, 99, (3,), np.float32),
        action_space=BOX(-1, 1, (2,), np.float32),
        data_format="hdf5",
    )


def test_minari_gives_successes_else_last_states(minari, tmp_path):
    recorded(minari, "room/told-v0", [(ROWS[:4], [0, 0, 1, 1]), (ROWS[4:], [0, 1])])
    assert np.array_equal(read_examples("minari:room/told-v0", spaces=SPACES), ROWS[[2, 3, 6]])
    assert np.array_equal(read_examples(tmp_path / "room" / "told-v0"), ROWS[[2, 3, 6]])
    recorded(minari, "room/untold-v0", [(ROWS[:4], None), (ROWS[4:], None)])
    assert np.array_equal(read_examples("minari:room/untold-v0"), ROWS[[3, 6]])
    parts = {"place": ROWS[:, :2], "goal": ROWS[:, 2:]}
    space = gymnasium.spaces.Dict({"place": BOX(-9, 9, (2,), np.float32), "goal": BOX(-9, 9, (1,), np.float32)})
    recorded(minari, "room/parts-v0", [(parts, None)], space)
    assert np.array_equal(read_examples("minari:room/parts-v0", spaces=PARTS), ROWS[-1:, [2, 0, 1]])


def test_minari_without_success_or_damaged_is_refused(minari, tmp_path):
    recorded(minari, "room/failed-v0", [(ROWS[:4], [0, 0, 0, 0])])
    with pytest.raises(ProbatumError, match="none of its 1 episodes has a state with success"):
        read_examples("minari:room/failed-v0")
    with pytest.raises(ProbatumError, match="there is no Minari data set in"):
        read_examples("minari:room/other-v0")
    with pytest.raises(ProbatumError, match="there is no Minari data set in"):
        read_examples(tmp_path)
    data = tmp_path / "room" / "failed-v0" / "data" / "main_data.hdf5"
    data.write_bytes(data.read_bytes()[:200])
    with pytest.raises(ProbatumError, match="an episode cannot be read"):
        read_examples("minari:room/failed-v0")
    data.with_name("metadata.json").write_text("{")
    with pytest.raises(ProbatumError, match="cannot be read"):
        read_examples("minari:room/failed-v0")
