"""Makes small sheets with every quirk that the Alignment Newsletter's real one has, in several file forms."""

import csv
import io

import xlsxwriter

COLUMNS = (
    "Category", "Highlight?", "Title", "Authors", "Venue", "Year", "H/T", "Email", "Summarizer", "Summary",
    "My opinion", "Prerequisites", "Read more", "URL",
)  # fmt: skip


def row(title="A title", **cells):
    """A plain row; `cells` are named as in the sheet, spaces and signs left out."""
    names = {"".join(filter(str.isalnum, name)).lower(): name for name in COLUMNS}
    plain = {"Category": "Problems", "Title": title, "Email": "AN #1", "URL": "https://example.org/a"}
    return plain | {names[key]: value for key, value in cells.items()}


QUIRKS = [
    row(
        "Robots that garden",
        highlight="Highlight",
        authors="Ada Lem*, Bo Ray*, Cy Dunn",
        venue="arXiv",
        year="2019.0",
        summarizer="Rohin",
        summary="Robots water plants.\n\nThey do it _well_, see <@Planting by numbers@>.",
        myopinion="Good work.\n\n**Flo's opinion:** I disagree.\n\nStrongly.",
        url="https://example.org/garden",
    ),
    row("Planting by numbers", year="2018", summarizer="Zach", summary="Beds in rows.", email="AN #2"),
    row(
        "The curly quote",
        summarizer="Dan H",
        summary="One <@sees@>(@PLANTING BY NUMBERS@) `code` here.",
        myopinion="Fine.\n\n*Rohin’s opinion*: Fine too.\n\n**Asya's opinion**: And I.",
        email="AN #2",
    ),
    row("Two writers", summarizer="Rohin/Robert", summary="By one.", myopinion="By the other.", email="AN #2"),
    row(
        "Less than text",
        summarizer="Rohin",
        summary="Specify J<L weights, (o, a) as <o, a, o'> and p < 0.05.\n\nThat is <em>independent</em> of `<em>`.",
    ),
    row(
        "[First post](https://example.org/1) and [second post](https://example.org/2)",
        url="",
        summarizer="Rohin",
        summary="Both at once.",
    ),
    row("Same title", email="AN #3", url="https://example.org/same", summarizer="Rohin", summary="Early."),
    row("Same title", email="AN #4", url="https://example.org/same", highlight="Highlight"),
    row("Jobs open", category="News", summary="", url="https://example.org/jobs", email="AN #3"),
    row("No address at all", url="", email=""),
    row("Internal", email="Recon #4"),
    row("Not applicable", email="N/A"),
    row("Old section", category="AI strategy and policy"),
    row("Small letter", category="Miscellaneous (alignment)"),
    row("Unlisted section", category="Gardening: tools"),
    row(
        "Headings",
        summarizer="Rohin",
        summary="\n## Motivation\nText.\n\n## Opinion (Somebody)\nStill the summary.\n\n```\ncode",
        myopinion="Mine.",
    ),
    row("Indented", summarizer="Rohin", summary="\n    code = 1\n\nText. ", myopinion=" "),
    row(
        "Hostile",
        summarizer="Rohin",
        summary="{claim}`x` and \\{entry}`y` and \\\\{claim}`z` {entry}`robots`",
    ),
    row("Lost reference", summarizer="Rohin", summary="After <@a bang@>(@No such post@) and <@Nor this@>."),
    row(
        "Reading on",
        summarizer="Rohin",
        summary="Text.",
        prerequisites="Planting by numbers",
        readmore="[Paper](https://example.org/p)\n\n[Site](https://example.org/s)",
        ht="Xuan",
    ),
    row("Opinion alone", summarizer="Asya", summary="", myopinion="This reads like a summary."),
    row(
        "  Edges\nand lines ",
        authors=" Ada Lem, \nBo Ray,Cy Dunn\t",
        venue="A venue: with #1",
        summarizer="Rohin",
        summary="At the edge.  ",
    ),
    row("And others", authors="Ada Lem, Bo Ray, and the Garden group"),
    row("yes", authors="No, Null", venue="2018", category="News"),
    row("Theory of *rules*", summarizer="Rohin", summary="An <@_odd_ `x` <text>@>(@Theory of *rules*@)."),
    row("Ends in bold", summarizer="Rohin", summary="See <@[a](https://example.org)@>(@Same title@)."),
    row("日本語の題", url="https://example.org/ja"),
    row("題", url="https://example.org/ja2"),
    row("Dubious cells", year="soon", highlight="perhaps", url="javascript:alert(1)"),
]
"""Every quirk once; row n of the list is row n + 2 of the sheet."""


def as_csv(rows, columns=COLUMNS):
    """The text of a CSV file."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([cells.get(name, "") for name in columns] for cells in rows)
    return out.getvalue()


def write_csv(path, rows, columns=COLUMNS):
    path.write_bytes(as_csv(rows, columns).encode())
    return path


def write_xlsx(path, rows, columns=COLUMNS, *, links=(), floats=False, empty_strings=False):
    """A workbook; `links` maps (row, column name) to the address behind a cell, `floats` makes years numbers."""
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, columns)
    links = dict(links)
    for number, cells in enumerate(rows, 1):
        for column, name in enumerate(columns):
            text = cells.get(name, "")
            if (number + 1, name) in links:
                sheet.write_url(number, column, links[number + 1, name], string=text)
            elif floats and name == "Year" and text.replace(".", "").isdecimal():
                sheet.write_number(number, column, float(text))
            elif text or empty_strings:
                sheet.write_string(number, column, text)
    book.close()
    return path
