"""The press beside its peers: imports a newsletter, builds it, rebuilds it, searches it, and prints what each costs.

    python benchmarks/press.py [--sheet PATH] [--rounds N] [--quick]

Nothing here passes or fails: machines differ, so read the ratios. Temporary files go where
`TMPDIR` says: a folder in memory, such as `TMPDIR=/dev/shm`, takes the disk's noise out of the time in the kernel.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from cached_claims import Standing, of_newsletter, of_synthetic, write_synthetic
from editing import edit_and_rebuild
from measured import Cost, fresh, run
from peer_pages import write_pages
from peers import CACHE, PEERS, Missing, Peer
from searching import search_archive
from synthetic_sheet import write_sheet

from probatum import __version__
from probatum.claims.provenance import environment

ROOT = Path(__file__).parents[1]
SYNTHETIC = "synthetic.xlsx"
_ROW = "{:27} {:>6} {:>10} {:>7} {:>6} {:>6} {:>11}"
PROBATUM = str(Path(sys.executable).with_name("probatum"))


@dataclass(frozen=True)
class Workplace:
    """A temporary folder with the imported newsletter, the same as plain pages, and each round's output for a while."""

    folder: Path
    sheet: Path
    _numbers: Iterator[int] = field(default_factory=count)

    @property
    def newsletter(self) -> Path:
        """The imported newsletter."""
        return self.folder / "newsletter"

    @property
    def site(self) -> Path:
        """A first build of it."""
        return self.folder / "site"

    @property
    def peers(self) -> Path:
        """Where peers find their settings and the pages."""
        return self.folder / "peers"

    @contextmanager
    def empty(self) -> Iterator[Path]:
        """A folder that is gone afterwards; it is not made yet."""
        folder = self.folder / f"out-{next(self._numbers)}"
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def import_sheet(self) -> Cost:
        """Run `probatum import` into an empty folder."""
        with self.empty() as folder:
            return run([PROBATUM, "import", self.sheet, "--into", folder], folder)

    def build(self) -> Cost:
        """Run `probatum build` into an empty folder."""
        with self.empty() as out:
            return run([PROBATUM, "build", "-n", self.newsletter, "--out", out], out)

    def pages_only(self) -> Cost:
        """Write our own pages of entries and issues, and nothing else, into an empty folder."""
        with self.empty() as out:
            return run([sys.executable, ROOT / "benchmarks" / "entry_and_issue_pages.py", self.newsletter, out], out)

    def render(self, peer: Peer, pages: int) -> Cost:
        """Have a peer render the pages into an empty folder."""
        with self.empty() as out:
            return peer.render(self.peers, out, pages)


def main() -> None:
    arguments = _arguments()
    _keep_bytecode()
    with tempfile.TemporaryDirectory(prefix="probatum-bench-") as folder:
        place = Workplace(Path(folder), _sheet(arguments.sheet, Path(folder)))
        print(f"Probatum {__version__}: the press. {_machine()}")
        print(f"Sheet: {_about(place.sheet)}. Temporary files: {tempfile.gettempdir()}\n")
        run([PROBATUM, "import", place.sheet, "--into", place.newsletter], place.newsletter)
        run([PROBATUM, "build", "-n", place.newsletter, "--out", place.site], place.site)
        rounds = 1 if arguments.quick else arguments.rounds
        _show_builds(place, rounds, () if arguments.quick else PEERS)
        _show_search(place)
        _show_edits(place, 3 if arguments.quick else 11)
        _show_claims(place)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sheet", type=Path, help="the sheet to import, else $PROBATUM_SHARED/an.xlsx")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is run, in turn (%(default)s)")
    parser.add_argument("--quick", action="store_true", help="one round, without peers")
    arguments = parser.parse_args()
    if arguments.sheet and not arguments.sheet.is_file():
        parser.error(f"--sheet {arguments.sheet}: no such file")
    return arguments


def _keep_bytecode() -> None:
    """Let every Python program start as it does for the second time, whatever this machine's setting."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(CACHE / "bytecode")


def _sheet(wanted: Path | None, folder: Path) -> Path:
    """The wanted sheet, the shared one, or a synthetic one where that is not to be had."""
    shared = os.environ.get("PROBATUM_SHARED")
    sheet = wanted or (Path(shared) if shared else ROOT.parent / "shared" / "data") / "an.xlsx"
    if sheet.is_file():
        return sheet.resolve()
    write_sheet(folder / SYNTHETIC)
    return folder / SYNTHETIC


def _about(sheet: Path) -> str:
    if sheet.name == SYNTHETIC:
        return "synthetic, nonsense words; as large as the Alignment Newsletter's, which is not here"
    return sheet.name


def _machine() -> str:
    where = environment()
    load = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    system = f"{where['system']}, Python {platform.python_version()}"
    return f"{where['processor']}, {cores} cores; {system}; load average at start {load}"


def _show_builds(place: Workplace, rounds: int, peers: tuple[Peer, ...]) -> None:
    """Run everything in turn, so that a busy minute of the machine meets all alike, and show each one's best."""
    pages = write_pages(place.newsletter, place.peers / "content")
    versions = {peer: version for peer in peers if (version := _set_up(peer, place.peers))}
    imports, builds, alike = [], [], []
    costs: dict[Peer, list[Cost]] = {peer: [] for peer in versions}
    for _ in range(rounds):
        imports.append(place.import_sheet())
        builds.append(place.build())
        alike.append(place.pages_only())
        for peer, found in costs.items():
            found.append(place.render(peer, pages))
    ours = _best(builds)
    print(_ROW.format(f"best of {rounds}", "CPU s", "in kernel", "wall s", "files", "MB", "CPU / ours"))
    print(_line("probatum import", _best(imports), ours), "  goal: CPU 1.0")
    print(_line("probatum build, everything", ours, ours), "  goal: CPU 3.0")
    print(_line("our own pages only", _best(alike), ours))
    for peer, found in costs.items():
        print(_line(f"{peer.name} {versions[peer]}, pages only", _best(found), ours))
    _say_ratio({peer.name: _best(found).cpu / ours.cpu for peer, found in costs.items() if peer.name != "Hugo"}, pages)


def _set_up(peer: Peer, work: Path) -> str:
    """The version of a peer that is ready to run, or nothing: the reason is printed."""
    try:
        version = peer.installed_version()
        peer.set_up(work)
        with tempfile.TemporaryDirectory(dir=work.parent) as out:
            peer.render(work, Path(out), 1)  # what is compiled at the first start is not counted
    except (Missing, RuntimeError, OSError) as problem:
        print(f"{peer.name} is missing: {problem}")
        return ""
    return version


def _say_ratio(ratios: dict[str, float], pages: int) -> None:
    if not ratios:
        print("No peers were run.\n")
        return
    nearest = min(ratios, key=ratios.__getitem__)
    print(
        f"The fastest of {', '.join(ratios)} is {nearest}, with {ratios[nearest]:.2f} times our CPU (goal: 2).\n"
        f"Peers render the same Markdown to the {pages} entry and issue pages and nothing else: one-line layouts;\n"
        "no menus, lists, feeds, search, categories or highlighting; references already links.\n"
        f"They are installed in {_home(CACHE)}.\n"
    )


def _home(path: Path) -> Path:
    return Path("~") / path.relative_to(Path.home()) if path.is_relative_to(Path.home()) else path


def _best(costs: list[Cost]) -> Cost:
    return min(costs, key=lambda cost: cost.cpu)


def _line(name: str, cost: Cost, ours: Cost) -> str:
    cells = (cost.cpu, cost.system, cost.wall, cost.files, cost.size / 1e6, cost.cpu / ours.cpu)
    return _ROW.format(name, *map("{:.2f}".format, cells[:3]), cost.files, *map("{:.2f}".format, cells[4:]))


def _show_search(place: Workplace) -> None:
    found = fresh(search_archive, place.site / "archive.db", 200)
    cpu, wall = (f"{median:.1f} / {late:.1f}" for median, late in (found.cpu, found.wall))
    print(
        f"search in archive.db, {found.queries} queries of one and two words: p50 / p95 {cpu} ms CPU (goal: p95 10),"
        f" {wall} ms on the wall; slowest {found.slowest!r}, {found.empty} without a hit"
    )


def _show_edits(place: Workplace, edits: int) -> None:
    """The last step that needs the imported newsletter, for it changes it."""
    build = [PROBATUM, "build", "-n", str(place.newsletter)]
    with place.empty() as scratch:
        found = fresh(edit_and_rebuild, place.newsletter, scratch, build, edits)
    shown = ", ".join(f"{1000 * cost:.0f}" for cost in found.rebuilds)
    print(
        f"rebuild after one entry was edited: median {1000 * found.median:.0f} ms CPU (goal: 150) of {edits} edits"
        f" ({shown}), {found.written} files written\n"
        f"the sheet, database and citations afterwards, once they are asked for: {1000 * found.finish:.0f} ms CPU\n"
        f"files beside those of a clean build: {_sameness(found.different)}"
    )


def _sameness(different: tuple[str, ...]) -> str:
    if not different:
        return "identical, every byte"
    return f"{len(different)} DIFFER: {', '.join(different[:5])}"


def _show_claims(place: Workplace) -> None:
    write_synthetic(place.folder / "claims")
    for name, found in (
        ("this repository's newsletter", fresh(of_newsletter, ROOT / "newsletter")),
        ("a synthetic ledger", fresh(of_synthetic, place.folder / "claims")),
    ):
        print(_claims_line(name, found))


def _claims_line(name: str, found: Standing) -> str:
    return (
        f"cached claims of {name}: {found.claims} claims ({found.judged} measured, {found.trials} trials),"
        f" {found.standing:.3f} s CPU to judge, {found.trials_of:.3f} s to fetch their trials (goal: 0.2 in all)"
    )


if __name__ == "__main__":
    main()
