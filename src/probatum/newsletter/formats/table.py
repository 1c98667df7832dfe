"""All summaries as one table that a script makes sortable and filterable, and that is complete without it."""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup

from probatum.newsletter import wording
from probatum.newsletter.byline import author_line
from probatum.newsletter.content import Newsletter
from probatum.newsletter.output import Output
from probatum.newsletter.parts.page import Pages
from probatum.newsletter.wording import counted


def write(newsletter: Newsletter, out: Output) -> list[Path]:
    """Write table.html."""
    pages = Pages(newsletter, out)
    rows = tuple(
        pages.piece(
            "row.html",
            entry,
            lambda entry=entry: {  # type: ignore[misc]
                "authors": author_line(entry.authors),
                "section": newsletter.section(entry).title,
            },
        )
        for entry in pages.newest
    )
    titles = dict.fromkeys(section.title for _, section in newsletter.config.sections.order)
    context = {
        "title": "All summaries",
        "description": f"{counted(len(rows), 'entry', 'entries')} in one table",
        "count": counted(len(rows), "entry", "entries"),
        "sections": tuple(titles),
        "states": tuple(wording.SIGNS),
    }
    return [
        pages.write("table.html", "table.html", (rows, context), lambda: {**context, "rows": Markup("\n").join(rows)})
    ]
