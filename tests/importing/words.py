"""Counts the words of a row and of the file made of it, by rules of its own, so that a lost word shows."""

import re
from collections import Counter

import yaml

_TAG = re.compile(r"<@(.*?)@>(?:\(@(.*?)@\))?", re.DOTALL)
_ROLE = re.compile(r"(?<!\\)\{entry\}(`+)(?!`)(.*?)\1(?!`)", re.DOTALL)
_MARK = re.compile(r"^([*_]{1,2})([^\n*_]+)['’]s opinion(?:\1:|:\1)", re.MULTILINE)
_EMPHASIS = re.compile(r"</?(?:em|i|b|strong)>")


def words(text):
    return Counter(re.findall(r"\w+", text.casefold()))


def of_cells(cells, names):
    """The words of a row's cells; `names` are the people's full names by alias."""
    wanted = Counter()
    for column, cell in cells.items():
        text = cell
        if column == "Summarizer":
            text = " ".join(names.get(name.strip(), name) for name in cell.split("/"))
        elif column == "H/T":
            text = names.get(cell.strip(), cell)
        elif column == "Email" and re.fullmatch(r"\s*AN #\d+\s*", cell):
            continue  # the issue lists the entry
        elif column == "Year":
            text = cell.removesuffix(".0")
        elif column in ("Summary", "My opinion", "Prerequisites", "Read more"):
            if column == "My opinion" and cells.get("Summary", "").strip():
                text = _MARK.sub(lambda mark: f"{names.get(mark[2], mark[2])} opinion", text)
            text = _EMPHASIS.sub("", _TAG.sub(_both_once, text))
        wanted += words(text)
    return wanted


def _both_once(tag):
    return tag[1] if tag[2] is None or tag[1] == tag[2] else f"{tag[1]} {tag[2]}"


def of_file(path, titles):
    """The words of an entry's file as a reader sees them; `titles` are the entries' titles by id."""
    matter, _, body = path.read_text(encoding="utf-8").removeprefix("---\n").partition("\n---\n")
    keys = yaml.safe_load(matter)
    lists = [" ".join(value) if isinstance(value, list) else str(value) for value in keys.values()]
    text = "\n".join(["highlight" if keys.get("highlight") else "", *lists, body])
    return words(_ROLE.sub(lambda role: _shown(role[2], titles), text))


def _shown(content, titles):
    text, _, target = content.rpartition("<")
    return f"{text} {titles[target.rstrip('>')]}" if target.endswith(">") else titles[content]
