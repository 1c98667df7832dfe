"""`probatum measure`: a method and a network in, a sentence, numbers or a page out; every mistake has a way out."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from probatum.cli import main, methods

RESULT = '''
"""How heavy is a network?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from probatum.networks.layered_graph import LayeredGraph
from probatum.progress import track
from probatum.result import Result, axis


@dataclass(frozen=True, kw_only=True)
class Heaviness(Result):
    """How heavy it is.

    `total`: sum of the sizes of all edges, times `factor`.
    """

    total: float
    factor: float = 1
    name: str = "all"

    def summary(self) -> str:
        return f"the network {self.name} weighs {self.total:g}"

    def plot(self, ax: Any = None) -> Any:
        ax = axis(ax)
        ax.bar([self.name], [self.total])
        return ax


'''
HEAVINESS = '''
def heaviness(network: LayeredGraph, *, factor: float = 1, of: Literal["all", "none"] = "all", seed: int = 0,
              parts: tuple[int, ...] = (1, 2)) -> Heaviness:
    """Weigh all edges of a network. Nothing else is done."""
    if factor < 0:
        raise ValueError(f"factor {factor}: give a positive one")
    for _ in track(range(3), total=3, what="weighing [bold]"):
        pass
    total = sum(float(block.weights.sum()) for block in network.blocks) * (of == "all")
    return Heaviness(total=factor * total, factor=factor, name=network.layers[-1].name)
'''
OF_MANY = '''
def of_many(networks: Sequence[LayeredGraph], *, seed: int = 0) -> Heaviness:
    """Count networks."""
    return Heaviness(total=len(networks))
'''
RUNNING = '''
def running(network: LayeredGraph, *, model: Any, images: Any, targets: Any = None) -> Heaviness:
    """Run a network."""
    return Heaviness(total=float(images.sum()), factor=0 if targets is None else len(targets), name=str(model))
'''
NOT_A_METHOD = '''
def not_a_method(network: LayeredGraph) -> float:
    """A graph goes in, but no result comes out."""
    return 0.0
'''


@pytest.fixture
def measure(tmp_path, monkeypatch, capsys):
    """Run the command in an empty folder with methods of its own and a small network, `net.npz`."""
    room = tmp_path / "path" / "fake_room"
    room.mkdir(parents=True)
    (room / "__init__.py").write_text("")
    texts = {"heaviness": HEAVINESS, "of_many": OF_MANY, "running": RUNNING, "not_a_method": NOT_A_METHOD}
    for name, text in texts.items():
        (room / f"{name}.py").write_text(RESULT + text)
    monkeypatch.syspath_prepend(str(room.parent))
    monkeypatch.setattr(methods, "ROOM", "fake_room")
    for name in [name for name in sys.modules if name.partition(".")[0] == "fake_room"]:
        monkeypatch.delitem(sys.modules, name)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    np.savez("net.npz", w1=np.full((4, 3), -0.5, np.float32), w2=np.ones((3, 2), np.float32))
    np.savez("two.npz", images=np.ones((2, 4)), targets=np.arange(5))
    np.savez("one.npz", anything=np.ones((3, 4)))
    np.savez("stray.npz", images=np.ones((3, 4)), other=np.ones(1))
    Path("bad.npz").write_bytes(b"PK\x03\x04 and then nothing")
    Path("pickle.npy").write_bytes(b"\x80\x04N.")

    def run(*words, status=0):
        monkeypatch.setattr(sys, "argv", ["probatum", "measure", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert ended.value.code == status, said
        return said

    yield run
    for name in [name for name in sys.modules if name.partition(".")[0] == "fake_room"]:
        sys.modules.pop(name)


def test_the_sentence_is_printed(measure):
    said = measure("heaviness", "net.npz")
    assert "weighs 12\n" in said.out
    assert said.err == ""


def test_options_reach_the_method(measure):
    words = ("--with", "factor=1e-1", "--with", "parts=[3, 4]", "--with", "of=all")
    assert "weighs 1.2\n" in measure("heaviness", "net.npz", *words).out


def test_json_is_all_numbers(measure):
    numbers = json.loads(measure("heaviness", "net.npz", "--json").out)
    assert (numbers["total"], numbers["factor"]) == (12, 1)


def test_a_report_is_written_and_equal_again(measure):
    assert measure("heaviness", "net.npz", "--out", "a.html", "--with", "seed=3").out.endswith("Wrote a.html.\n")
    measure("heaviness", "net.npz", "-o", "b.html", "--with", "seed=3", "--json")
    page = Path("a.html").read_text()
    assert page == Path("b.html").read_text()
    assert "Heaviness of net.npz" in page
    assert "seed = 3" in page
    assert "result = heaviness(graph, seed=3)" in page
    assert not [path for path in Path().iterdir() if path.name.startswith(".")]


def test_what_was_done_to_the_graph_stands_in_the_report(measure):
    measure("heaviness", "net.npz", "--rescaled", "--kernel-norm", "l2", "--out", "a.html", "--with", "factor=2")
    text = Path("a.html").read_text()
    assert "L2 norm of a kernel, after rescaling" in text
    assert "from probatum.networks import load_network, rescaled" in text
    assert "graph = rescaled(graph)" in text
    assert "factor=2" in text


def test_the_python_of_a_report_measures_the_same(measure, tmp_path):
    import html
    import re

    said = measure("heaviness", "net.npz", "--rescaled", "--with", "factor=2", "--out", "a.html").out
    code = html.unescape(re.search(r"<code>(from .*?)</code></pre>", Path("a.html").read_text(), re.DOTALL)[1])
    # Only the room is another: the method stands in a file of its own name there, as in the package.
    code = code.replace("from fake_room import", "from fake_room.heaviness import")
    code = code.replace(
        "probatum.networks import load_network, rescaled", "probatum.networks.rescaling import rescaled"
    )
    code = "from probatum.networks.load_network import load_network\n" + code
    names = {}
    exec(code.replace("print(", "said = ("), names)
    assert names["said"] == said.splitlines()[0]


def test_several_networks(measure):
    assert "weighs 2\n" in measure("of-many", "net.npz", "net.npz", "--out", "a.html").out
    assert "[graph1, graph2]" in Path("a.html").read_text()
    assert "measures one network; 2 were given" in measure("heaviness", "net.npz", "net.npz", status=1).err


def test_pictures_go_to_the_parameters_of_their_names():
    from probatum.cli.picture_file import arguments_of

    def method(network, *, model, images, targets=None):
        pass

    assert arguments_of(method, {"inputs": 1, "targets": 2}, Path("x")) == {"images": 1, "targets": 2}
    assert arguments_of(method, {"": 1}, Path("x")) == {"images": 1}
    assert arguments_of(method, {"images": 1, "inputs": 3}, Path("x")) == {"images": 1}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["heavyness", "net.npz"], "did you mean 'heaviness'? known are: heaviness, of_many, running"),
        (["not-a-method", "net.npz"], "no method 'not-a-method'"),
        (["heaviness", "no.npz"], "no.npz: there is no such file"),
        (["heaviness", "net.npz", "--with", "shuffles=3"], "no option 'shuffles'; it has factor=1, of='all', seed=0"),
        (["heaviness", "net.npz", "--with", "seed"], "give name=value"),
        (["heaviness", "net.npz", "--with", "seed=1", "--with", "seed=2"], "'seed' is given twice"),
        (["heaviness", "net.npz", "--with", "seed=two"], "seed is a whole number (default 0)"),
        (["heaviness", "net.npz", "--with", "seed=1.5"], "seed is a whole number"),
        (["heaviness", "net.npz", "--with", "seed=true"], "seed is a whole number"),
        (["heaviness", "net.npz", "--with", "of=some"], "of is one of all, none"),
        (["heaviness", "net.npz", "--with", "parts=[1, x]"], "parts is tuple[int, ...]"),
        (["heaviness", "net.npz", "--with", "parts=[1"], "the value is no YAML"),
        (["heaviness", "net.npz", "--with", "factor=-1"], "heaviness: factor -1: give a positive one"),
        (["heaviness", "net.npz", "--input", "1,3,x"], "--input '1,3,x': give whole numbers"),
        (["heaviness", "net.npz", "--input", "0"], "--input '0'"),
        (["heaviness", "net.npz", "--images", "one.npz"], "looks at weights alone"),
        (["heaviness", "net.npz", "--convolutions"], "no convolution of net.npz reads another one"),
        (["heaviness", "net.npz", "--edges", "correlation"], "holds weights alone and cannot be run"),
        (["heaviness", "net.npz", "--out", "."], "it is a folder"),
        (["heaviness", "net.npz", "--out", "no/where.html"], "there is no folder no"),
        (["running", "net.npz"], "what to run the network on: --images FILE.npz"),
        (["running", "net.npz", "--images", "two.npz"], "needs a network that can be run: an ONNX file"),
        (["running", "net.npz", "--images", "stray.npz"], "takes no other; it takes images, targets"),
        (["running", "net.npz", "--images", "none.npz"], "none.npz: there is no such file"),
        (["running", "net.npz", "--images", "bad.npz"], "bad.npz: no arrays could be read"),
        (["running", "net.npz", "--images", "pickle.npy"], "pickle.npy: no arrays could be read"),
    ],
)
def test_mistakes_end_with_status_1_and_a_way_out(measure, words, says):
    said = measure(*words, status=1)
    assert says in said.err
    assert said.out == ""


def test_names_from_a_file_steer_no_terminal(measure):
    np.savez("net.npz", **{"\x1b[31mw1": np.ones((4, 3), np.float32), "\x1b]0;x\x07w2": np.ones((3, 2), np.float32)})
    said = measure("heaviness", "net.npz", "--out", "a.html")
    assert "\x1b" not in said.out + said.err
    assert "\x1b" not in Path("a.html").read_text()


def test_warnings_are_printed_and_stand_in_the_report(measure):
    path = Path(methods.find_method("heaviness").__code__.co_filename)
    path.write_text(
        RESULT
        + HEAVINESS.replace(
            "    total = s", "    import warnings\n    warnings.warn('much <too> heavy')\n    total = s"
        )
    )
    sys.modules.pop("fake_room.heaviness")
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("default")
        said = measure("heaviness", "net.npz", "--out", "a.html")
    assert said.err == "probatum: warning: much <too> heavy\n"
    assert "much &lt;too&gt; heavy" in Path("a.html").read_text()


def test_help_lists_the_methods_and_imports_no_method_room():
    code = (
        "import sys; sys.argv = ['probatum', 'measure', '--help']\n"
        "from probatum.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'numpy', 'torch', 'matplotlib', 'jinja2', 'probatum.structure', 'probatum.networks'}"
        " & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "Methods:" in out
    assert out.splitlines()[-1] == "[]"


def test_every_method_that_help_lists_can_be_found():
    for name, line in methods.method_lines().items():
        assert line, name
        assert methods.find_method(name).__name__ == name
        assert methods.find_method(name.replace("_", "-")).__name__ == name


def test_progress_is_a_bar_on_a_terminal_only(capsys):
    from probatum.cli.progress import progress_bar

    with progress_bar() as show:
        show(0, 0, "reading [/no] \x1b[31m")
        show(1, 3, "weighing")
    assert capsys.readouterr() == ("", "")
