"""The Alignment Newsletter's own sheet: skipped where it is not to be had, since it may not be shipped."""


def test_counts(real):
    report = real.report
    assert (report.rows, report.entries, report.issues, report.unissued) == (1956, 1956, 170, 74)
    assert (report.resolved, len(report.unresolved), report.split_opinions) == (741, 3, 58)
    assert {line.partition(" (")[0] for line in report.unresolved} == {"More realistic tales of doom"}
    assert len(real.entries) == 1956
    assert set(real.issues) == set(range(1, 172)) - {84}
    assert sum(entry.highlight for entry in real.entries.values()) == 270


def test_every_reference_is_one_to_the_reader(real):
    roles = [role for file in real.files.values() for role, _ in file.roles]
    assert sum(role.kind == "entry" for role in roles) == len(roles)
    assert len(roles) >= real.report.resolved


def test_four_addresses_found_no_place(real):
    title, *others = real.report.unplaced
    assert "the title's hyperlink" in title
    assert [line.split(" http")[0] for line in others] == [
        "the Email hyperlink",
        "the Email hyperlink",
        "the Venue hyperlink",
    ]
    assert sum(bool(issue.url) for issue in real.issues.values()) == 170
    assert len(real.report.noted) == 3


def test_known_rows(real):
    issue = real.issues[147]
    assert issue.entries[:3] == (
        "branch-specialization",
        "clusterability-in-neural-networks",
        "weight-banding",
    )
    entry = real.entries["clusterability-in-neural-networks"]
    assert entry.authors[0] == "Daniel Filan*"
    assert [opinion.author for opinion in entry.opinions] == ["Zachary Robertson", "Rohin Shah"]
    assert any("J<L weights" in entry.summary for entry in real.entries.values())
    assert not any("<em>" in entry.summary for entry in real.entries.values())


def test_two_readers_see_the_same_cells(real):
    from python_calamine import CalamineWorkbook

    from probatum.newsletter.importing.limits import Limits
    from probatum.newsletter.importing.workbook import read_workbook

    other = CalamineWorkbook.from_path(real.sheet).get_sheet_by_index(0).to_python()
    mine = read_workbook(real.sheet, Limits()).rows
    assert len(mine) == len(other)
    for number, cells in enumerate(other, 1):
        theirs = {place: cell for place, cell in enumerate(cells) if cell != ""}
        texts = {place: str(int(c)) if isinstance(c, float) else c for place, c in theirs.items()}
        assert mine[number] == texts
