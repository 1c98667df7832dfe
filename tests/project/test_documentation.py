"""Documentation is executed: commands in an empty folder, examples, help texts; links lead somewhere."""

import doctest
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
COMMANDS = sorted(path.stem.rstrip("_") for path in (ROOT / "src/probatum/cli/commands").glob("[a-z]*.py"))


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)


def commands(page):
    lines = [line for block in blocks(page, "console") for line in block.splitlines()]
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


PAGES_RUN = ["README.md", *(f"docs/{name}.md" for name in ("control", "editors", "measuring", "researchers"))]


@pytest.mark.parametrize("name", PAGES_RUN)
def test_commands_run_as_they_stand(name, tmp_path):
    wanted = [line for line in commands(ROOT / name) if not line.startswith("make")]
    assert wanted
    path = os.pathsep.join([str(BIN), os.environ["PATH"]])
    done = subprocess.run(
        [shutil.which("bash"), "-euxc", "\n".join(wanted)],
        cwd=tmp_path,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_make_knows_what_the_pages_name():
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for page in PAGES:
        for line in commands(page):
            if line.startswith("make "):
                assert line.split()[1] in targets


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "pycon")], ids=lambda page: page.name)
def test_examples_give_what_they_say(page):
    examples = "\n".join(blocks(page, "pycon"))
    test = doctest.DocTestParser().get_doctest(examples, {}, page.name, str(page), 0)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(test)
    assert runner.summarize(verbose=False).failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    prose = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", prose):
        if not re.match(r"https?:|mailto:", target):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_there_and_the_readme_or_docs_name_the_command(command):
    done = subprocess.run([BIN / "probatum", command, "--help"], capture_output=True, text=True, check=True)
    assert "Usage: probatum" in done.stdout
    assert any(f"probatum {command}" in page.read_text() for page in PAGES)


def test_every_method_has_its_page():
    rooms = ("structure", "advice", "control", "control/methods")
    for path in (path for room in rooms for path in (ROOT / "src/probatum" / room).glob("[a-z]*.py")):
        if "(Result)" in path.read_text() or path.parent.name == "methods":
            assert (ROOT / "docs" / "methods" / f"{path.stem}.md").is_file(), path.stem


def test_doctests_of_the_package():
    import importlib

    failed = []
    for path in sorted((ROOT / "src").rglob("*.py")):
        if ">>>" in path.read_text():
            name = ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)
            if doctest.testmod(importlib.import_module(name)).failed:
                failed.append(name)
    assert not failed
