"""Makes only what the peers make, the pages of entries and issues, in our own full design: like beside like.

python benchmarks/entry_and_issue_pages.py NEWSLETTER OUT
"""

from __future__ import annotations

import sys
from pathlib import Path

from probatum.newsletter.formats import web_entries, web_issues
from probatum.newsletter.output import Output
from probatum.newsletter.reading.reader import read


def main(newsletter: Path, out: Path) -> None:
    found, output = read(newsletter), Output(out)
    output.commit([*web_entries.write(found, output), *web_issues.write(found, output)])


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
