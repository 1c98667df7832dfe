"""Other site generators, each set up to do the least that still makes a page of every entry and issue."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from measured import Cost, run

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "probatum-bench"
"""Where peers are installed, once: outside the repository, and in no environment of ours."""

_PYTHON = CACHE / "python"
_PAGE = "<!doctype html><html lang=en><title>{title}</title><body>{content}</body></html>"


class Missing(Exception):
    """A peer is not here and cannot be installed; the message says why."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Peer:
    """A generator: how to come by its program, the files that set it up, and how it is called in their folder."""

    name: str
    program: Callable[[], Path]
    version: Sequence[str]
    arguments: Sequence[str]
    files: Mapping[str, str]

    def installed_version(self) -> str:
        """Install it if need be, and ask for its version.

        Raises:
            Missing: it cannot be had on this machine.
        """
        done = subprocess.run([self.program(), *self.version], capture_output=True, text=True, check=False)
        if done.returncode:
            raise Missing(_end(done))
        words = done.stdout.replace(",", " ").split()
        return next((word.lstrip("v") for word in words if word.lstrip("v")[:1].isdecimal()), "").partition("+")[0]

    def set_up(self, work: Path) -> None:
        """Write its settings and its template beside the folder `content`."""
        for name, text in self.files.items():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            (work / name).write_text(text)

    def render(self, work: Path, out: Path, pages: int) -> Cost:
        """Render all pages into an empty folder.

        Raises:
            RuntimeError: it failed, or left pages out.
        """
        arguments = [argument.format(out=out) for argument in self.arguments]
        cost = run([self.program(), *arguments], out, cwd=work)
        if (made := sum(1 for _ in out.glob("*/*.html"))) < pages:
            raise RuntimeError(f"{self.name} made {made} of {pages} pages")
        return cost


def _on_path(name: str) -> Path:
    if found := shutil.which(name):
        return Path(found)
    raise Missing(f"there is no `{name}` on the path")


def _eleventy() -> Path:
    program = CACHE / "eleventy" / "node_modules" / ".bin" / "eleventy"
    if not program.exists():
        _install([_on_path("npm"), "install", "--silent", "--prefix", CACHE / "eleventy", "@11ty/eleventy"])
    return program


def _of_python(name: str, package: str) -> Path:
    """A program of a Python package, in a virtual environment; pip may be only the machine's, as in the Makefile."""
    program = _PYTHON / "bin" / name
    if not program.exists():
        machine = Path(sys.base_prefix) / "bin" / "python3"
        _install([sys.executable, "-m", "venv", "--without-pip", _PYTHON])
        _install([machine, "-m", "pip", "--python", _PYTHON / "bin" / "python", "install", "--quiet", package])
    return program


def _install(command: Sequence[str | Path]) -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(command, cwd=CACHE, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Missing(_end(done))


def _end(done: subprocess.CompletedProcess[str]) -> str:
    return next(reversed((done.stderr + done.stdout).strip().splitlines()), f"exit status {done.returncode}")


PEERS = (
    Peer(
        name="Eleventy",
        program=_eleventy,
        version=("--version",),
        arguments=("--quiet", "--output={out}"),
        files={
            "eleventy.config.mjs": """\
export default function (config) {
  config.addGlobalData("layout", "page.11ty.js");
  config.addGlobalData("permalink", () => (data) => `${data.page.filePathStem}.html`);
  return {
    dir: { input: "content", includes: "../eleventy" },
    templateFormats: ["md"],
    markdownTemplateEngine: false,
  };
}
""",
            "eleventy/page.11ty.js": "module.exports = ({ title, content }) => `"
            + _PAGE.format(title="${title}", content="${content}")
            + "`;\n",
        },
    ),
    Peer(
        name="MkDocs",
        program=lambda: _of_python("mkdocs", "mkdocs"),
        version=("--version",),
        arguments=("build", "--quiet", "--site-dir={out}"),
        files={
            "mkdocs.yml": """\
site_name: Bench
docs_dir: content
use_directory_urls: false
theme: {name: null, custom_dir: mkdocs}
plugins: []
validation:
  links: {not_found: ignore, unrecognized_links: ignore, absolute_links: ignore, anchors: ignore}
  nav: {omitted_files: ignore, not_found: ignore, absolute_links: ignore}
""",
            "mkdocs/main.html": _PAGE.format(title="{{ page.title }}", content="{{ page.content }}"),
        },
    ),
    Peer(
        name="Pelican",
        program=lambda: _of_python("pelican", "pelican[markdown]"),
        version=("--version",),
        arguments=("--quiet", "--settings=pelicanconf.py", "--output={out}"),
        files={
            "pelicanconf.py": """\
PATH = "content"
THEME = "pelican"
PAGE_PATHS = ["entries", "issues"]
PATH_METADATA = r"(?P<stem>.*)\\.md"
PAGE_URL = PAGE_SAVE_AS = "{stem}.html"
ARTICLE_PATHS = STATIC_PATHS = DIRECT_TEMPLATES = []
AUTHOR_SAVE_AS = CATEGORY_SAVE_AS = TAG_SAVE_AS = ""
FEED_ALL_ATOM = CATEGORY_FEED_ATOM = AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = TRANSLATION_FEED_ATOM = None
MARKDOWN = {"extension_configs": {"markdown.extensions.meta": {}}}
TIMEZONE = "UTC"
SITEURL = ""
""",
            "pelican/templates/page.html": _PAGE.format(title="{{ page.title }}", content="{{ page.content }}"),
            "pelican/static/empty": "",
        },
    ),
    Peer(
        name="Hugo",
        program=lambda: _on_path("hugo"),
        version=("version",),
        arguments=("--quiet", "--noBuildLock", "--cacheDir={out}-cache", "--destination={out}"),
        files={
            "hugo.toml": """\
baseURL = "https://example.org/"
title = "Bench"
layoutDir = "hugo"
uglyURLs = true
disableKinds = ["home", "section", "taxonomy", "term", "RSS", "sitemap", "robotsTXT", "404"]
""",
            "hugo/_default/single.html": _PAGE.format(title="{{ .Title }}", content="{{ .Content }}"),
        },
    ),
)
