"""The press: reads a newsletter's folder and writes it in every format."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import ModuleType

from probatum.newsletter import formats
from probatum.newsletter.content import Newsletter
from probatum.newsletter.memory import Memory
from probatum.newsletter.output import Output
from probatum.newsletter.reading.reader import read


def all_formats() -> Iterator[ModuleType]:
    """Every module of `formats`: the folder is the registry."""
    for module in sorted(pkgutil.iter_modules(formats.__path__), key=lambda module: module.name):
        yield import_module(f"{formats.__name__}.{module.name}")


@dataclass(frozen=True)
class Press:
    """Builds a newsletter into a folder; kept alive, it does again only what an edit asks for.

    A format whose module says `BULK = True` (a spreadsheet, a database: one file that holds everything) may
    be left for later in a rebuild; `finish` brings it up to date. With `drafts`, what is not published yet is
    shown too.
    """

    folder: Path
    out: Path
    drafts: bool = False
    memory: Memory = field(default_factory=Memory)
    _made: dict[str, list[Path]] = field(default_factory=dict)
    _late: dict[str, Newsletter] = field(default_factory=dict)

    @property
    def _output(self) -> Output:
        return self.memory.recall("output", self.out, lambda: Output(self.out))

    def build(self, *, bulk: bool = True) -> tuple[Newsletter, list[Path]]:
        """Build, and return the newsletter and the files that were written.

        Raises:
            Problems: with every mistake in the newsletter's files; the output folder is as it was.
        """
        newsletter = read(self.folder, self.memory, drafts=self.drafts)
        for module in all_formats():
            if not bulk and getattr(module, "BULK", False) and module.__name__ in self._made:
                self._late[module.__name__] = newsletter
            else:
                self._late.pop(module.__name__, None)
                self._write(module, newsletter)
        return newsletter, self._commit()

    def finish(self, path: Path | None = None) -> list[Path]:
        """Bring late formats up to date: the one that makes `path`, or all of them."""
        late = {name: newsletter for name, newsletter in self._late.items() if path is None or path in self._made[name]}
        for name, newsletter in late.items():
            self._write(import_module(name), newsletter)
            del self._late[name]
        return self._commit() if late else []

    def _write(self, module: ModuleType, newsletter: Newsletter) -> None:
        try:
            self._made[module.__name__] = module.write(newsletter, self._output)
        except BaseException:
            self._output.abandon()
            raise

    def _commit(self) -> list[Path]:
        return self._output.commit(path for paths in self._made.values() for path in paths)
