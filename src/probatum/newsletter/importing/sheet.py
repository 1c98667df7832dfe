"""Turns a sheet of summaries, an .xlsx or .csv file, into a newsletter's folder of entries and issues."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from probatum.errors import ProbatumError
from probatum.newsletter.importing.cell_text import inert, one_line
from probatum.newsletter.importing.comma_separated import read_csv
from probatum.newsletter.importing.cross_references import CrossReferences, Target
from probatum.newsletter.importing.dates import Dated, read_dates
from probatum.newsletter.importing.entry_file import EntryFiles, category_of
from probatum.newsletter.importing.folder import Folder
from probatum.newsletter.importing.ids import ids_of
from probatum.newsletter.importing.limits import Limits
from probatum.newsletter.importing.mails import Mails
from probatum.newsletter.importing.report import ImportReport
from probatum.newsletter.importing.settings import Settings, newsletter_yaml
from probatum.newsletter.importing.table import Row, Sheet, Table, sheet_of
from probatum.newsletter.importing.workbook import read_workbook
from probatum.newsletter.importing.yaml_text import block_list, scalar

CONFIG = "newsletter.yaml"


def import_sheet(
    path: Path, into: Path, *, force: bool = False, dates: Path | None = None, limits: Limits | None = None
) -> ImportReport:
    """Write every row of a sheet as an entry, and every mail that the rows name as an issue.

    Args:
        path: an .xlsx or .csv file with the columns of the Alignment Newsletter's sheet, in any order.
        into: the newsletter's folder; a `newsletter.yaml` that is there is kept.
        force: overwrite entries and issues that were edited since the last import.
        dates: a CSV file with the columns number, date and title, for what the sheet does not know of issues.
        limits: how much the file may hold.

    Raises:
        ProbatumError: the file is no such sheet, or too large; nothing is written then.
    """
    limits = limits or Limits()
    try:
        sheet = sheet_of(_table(path, limits))
        dated = read_dates(dates, limits) if dates else {}
        return _write(sheet, Folder.at(into, force=force), dated)
    except OSError as error:
        raise ProbatumError(f"{error.filename or path}: {error.strerror or error}") from error


def _table(path: Path, limits: Limits) -> Table:
    limits.hold(str(path), "file_bytes", path.stat().st_size)
    with path.open("rb") as stream:
        start = stream.read(4)
    if start == b"PK\x03\x04":
        return read_workbook(path, limits)
    if path.suffix.lower() == ".csv":
        return read_csv(path, limits)
    if start == b"\xd0\xcf\x11\xe0":
        raise ProbatumError(f"{path}: is an old or an encrypted Excel file; save it as .xlsx, without a password")
    raise ProbatumError(f"{path}: is neither an .xlsx workbook nor a .csv file; save the sheet as one of them")


def _write(sheet: Sheet, folder: Folder, dated: Mapping[int, Dated]) -> ImportReport:
    mails = Mails.of(sheet.rows)
    issues = {row.number: number for row in sheet.rows if (number := mails.issue(row)) is not None}
    ids = ids_of(sheet.rows, issues)
    categories = Counter(category_of(row) for row in sheet.rows)
    folder.put(CONFIG, newsletter_yaml(categories, mails.letters), forcible=False)
    config = folder.path / CONFIG
    settings = Settings.of(config.read_text(encoding="utf-8-sig", errors="replace"), config)
    references = _references(sheet.rows, ids, issues)
    entries = EntryFiles(ids, references, mails, settings, _people(sheet.rows, settings))
    for row in sheet.rows:
        folder.put(f"entries/{ids[row.number]}.md", entries.text(row))
    contents: dict[int, list[str]] = {}
    for number, issue in issues.items():
        contents.setdefault(issue, []).append(ids[number])
    addresses = mails.addresses(sheet.rows)
    for issue, listed in sorted(contents.items()):
        url = min(addresses.get(issue, ()), default="")
        folder.put(f"issues/{issue}.md", _issue(issue, listed, dated.get(issue, Dated()), url))
    left_over = folder.close()
    return ImportReport(
        rows=len(sheet.rows),
        entries=len(ids),
        issues=len(contents),
        unissued=len(ids) - len(issues),
        resolved=entries.counts.resolved,
        unresolved=tuple(f"{title} (row {row}, {ids[row]})" for row, title in entries.counts.unresolved),
        split_opinions=entries.split_opinions,
        unplaced=(
            *entries.unplaced,
            *_homeless(sheet, categories, settings, dated.keys() - contents.keys()),
            *_homeless_links(sheet.rows, mails),
        ),
        noted=tuple(entries.noted),
        written=folder.written,
        unchanged=folder.unchanged,
        kept=tuple(folder.kept),
        left_over=left_over,
    )


def _references(rows: Sequence[Row], ids: Mapping[int, str], issues: Mapping[int, int]) -> CrossReferences:
    targets = [
        Target(ids[row.number], inert(one_line(row["Title"])), bool(row["Summary"].strip()))
        for row in sorted(rows, key=lambda row: (issues.get(row.number, 1 << 30), ids[row.number]))
    ]
    return CrossReferences.to(targets)


def _people(rows: Iterable[Row], settings: Settings) -> frozenset[str]:
    """Everybody whose opinion may be told from the text before it by name."""
    names = {name.strip() for row in rows for name in one_line(row["Summarizer"]).split("/")}
    return frozenset(names | settings.names.keys()) - {""}


def _issue(number: int, entries: Iterable[str], dated: Dated, url: str) -> str:
    address = f"url: {scalar(url)}\n" if url else ""
    title = f"title: {scalar(dated.title)}\n" if dated.title else ""
    date = f"date: {dated.date}\n" if dated.date else ""
    return f"---\nnumber: {number}\n{title}{date}{address}entries:{block_list(entries)}\n---\n"


def _homeless(sheet: Sheet, categories: Mapping[str, int], settings: Settings, undated: Iterable[int]) -> Iterable[str]:
    for name, count in sheet.unknown.items():
        yield f"column {name!r} ({count} cells), which entries do not have"
    for name, count in categories.items():
        if name not in settings.sections:
            yield f"category {name!r} ({count} rows): add it to the sections in {CONFIG}"
    for number in sorted(undated):
        yield f"the date of issue {number}, which the sheet does not have"


def _homeless_links(rows: Sequence[Row], mails: Mails) -> Iterable[str]:
    """Hyperlinks for which entries and issues have no place, each address once."""
    kept = {(number, min(urls)) for number, urls in mails.addresses(rows).items()}
    lost: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        for column in ("Email", "Venue"):
            url = row.links.get(column, "")
            if url and (column != "Email" or (mails.issue(row), url) not in kept):
                lost.setdefault((column, url), []).append(row.number)
    for (column, url), numbers in lost.items():
        yield f"the {column} hyperlink {url} of {len(numbers)} rows, row {numbers[0]} first"
