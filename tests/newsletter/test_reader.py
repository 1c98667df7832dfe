"""The reader: what is right is read, what is wrong is said with its place and its remedy."""

import datetime
import json

import jsonschema
import pytest
import yaml

from probatum.newsletter.problem import Problems
from probatum.newsletter.reading.reader import read
from probatum.newsletter.reading.schema import entry_schema


def edit(folder, name, old, new):
    path = folder / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_a_right_newsletter_is_read(folder):
    newsletter = read(folder)
    (issue,) = newsletter.issues
    assert (issue.number, issue.date, issue.entries) == (7, datetime.date(2026, 3, 1), ("dice", "plain"))
    dice = newsletter.entries["dice"]
    assert dice.summarizer == "Ann Editor"  # an alias is read as the name
    assert [opinion.author for opinion in dice.opinions] == ["Bo Reader"]
    assert newsletter.verdicts["dice/seven"].state == "not run"
    assert [branch.name for branch in newsletter.outline(issue)] == ["Highlights", "Research", "Statistics"]
    assert newsletter.section(newsletter.entries["plain"]).name == "Statistics"  # by its former name


def test_references_carry_the_issue(folder):
    newsletter = read(folder)
    assert newsletter.rendered["plain"].summary.text == "Just text, and a reference to On dice (issue 7)."
    assert 'href="../entries/plain.html"' in newsletter.rendered["dice"].summary.html
    assert 'href="../issues/7.html"' in newsletter.rendered["dice"].summary.html


def test_a_claim_stands_with_its_verdict_in_html_and_text(folder):
    summary = read(folder).rendered["dice"].summary
    for form in (summary.html, summary.text):
        for words in ("The mean is seven.", "○ not run", "reported: mean of 7", "reproduce, exact scope"):
            assert words in form


@pytest.mark.parametrize(
    ("name", "old", "new", "line", "found", "right"),
    [
        ("entries/dice.md", "summarizer:", "summariser:", 8, "unknown key 'summariser'", "'summarizer'"),
        ("entries/dice.md", "    seeds: 3", "    seed: 3", 17, "unknown key 'claims.0.seed'", "'seeds'"),
        ("entries/dice.md", "title: On dice\n", "", 2, "no 'title'", "add the key 'title'"),
        ("entries/dice.md", "year: 2020", "year: soon", 5, "year: 'soon'", "valid integer"),
        ("entries/dice.md", "https://dice", "javascript://dice", 3, "url: 'javascript", "http://"),
        (
            "entries/dice.md",
            "category: Statistics",
            "category: Statistic",
            6,
            "unknown category",
            "'Statistics'",
        ),
        (
            "entries/dice.md",
            "summarizer: Ann\n",
            "",
            19,
            "a summary without a summarizer",
            "summarizer: NAME",
        ),
        ("entries/dice.md", "experiment: throw", "experiment: thrown", 15, "unknown experiment", "'throw'"),
        ("entries/dice.md", "{claim}`seven`", "", 10, "defined and never named", "{claim}`seven`"),
        (
            "entries/dice.md",
            "{claim}`seven`",
            "{claim}`seven` {claim}`six`",
            20,
            "'six' is named",
            "define it",
        ),
        ("entries/dice.md", "<plain>", "<plane>", 20, "unknown entry 'plane'", "'plain'"),
        ("entries/dice.md", "expect: 6.5 < mean < 7.5", "expect: mean is good", 10, "claims.0", "expect"),
        ("entries/dice.md", "scope: exact", "scope: huge", 14, "claims.0.scope: 'huge'", "'reduced'"),
        (
            "entries/dice.md",
            "A summary with {claim}`seven` and {entry}`a plain one <plain>`.",
            "",
            22,
            "an opinion without a summary",
            "summary above",
        ),
        ("entries/plain.md", "title: A plain one", "title: On dice", 6, "fits several", "dice, plain"),
        ("entries/plain.md", "title: A plain one", "title: [a", 3, "YAML", ""),
        ("entries/plain.md", "title: A plain one", "title: x\ntitle: y", 3, "'title' stands twice", ""),
        ("entries/plain.md", "---\ntitle", "title", 1, "no front matter", "'---'"),
        ("issues/7.md", "date: 2026-03-01", "date: 2026-13-45", 4, "date: '2026-13-45'", "valid date"),
        ("issues/7.md", "[dice, plain]", "[dice, plane]", 5, "unknown entry 'plane'", "'plain'"),
        ("issues/7.md", "[dice, plain]", "[dice, dice]", 5, "stands in 7.md already", "one place"),
        ("newsletter.yaml", "editor:", "edtior:", 4, "unknown key 'edtior'", "'editor'"),
        ("newsletter.yaml", "- Machine learning", "- statistics", 9, "'statistics'", ""),
        ("newsletter.yaml", "Bo Reader: {}", "Bo Reader: {aliases: [Ann]}", 13, "'Ann'", ""),
    ],
)
def test_a_mistake_is_said_with_its_place_and_remedy(folder, name, old, new, line, found, right):
    edit(folder, name, old, new)
    with pytest.raises(Problems) as caught:
        read(folder)
    said = [problem for problem in caught.value.problems if found in problem.found]
    assert said, caught.value
    assert said[0].line == line, said[0]
    assert right in said[0].right


def test_all_mistakes_are_said_in_one_go(folder):
    edit(folder, "entries/dice.md", "category: Statistics", "category: Nothing")
    edit(folder, "entries/plain.md", "summarizer: Bo Reader\n", "")
    edit(folder, "issues/7.md", "date: 2026-03-01", "date: never")
    with pytest.raises(Problems) as caught:
        read(folder)
    assert {problem.file.name for problem in caught.value.problems} == {"dice.md", "plain.md", "7.md"}


def test_a_mistake_in_front_matter_hides_none_in_the_text(folder):
    edit(folder, "entries/dice.md", "year: 2020", "year: soon")
    edit(folder, "entries/dice.md", "<plain>", "<plane>")
    edit(folder, "entries/dice.md", "{claim}`seven`", "{claim}`six`")
    with pytest.raises(Problems) as caught:
        read(folder)
    assert [problem.found for problem in caught.value.problems] == [
        "year: 'soon'",
        "claim 'seven' is defined and never named",
        "claim 'six' is named and not defined",
        "cross-reference to unknown entry 'plane'",
    ]


def test_two_issues_of_one_number(folder):
    (folder / "issues" / "8.md").write_text("---\nnumber: 7\n---\n")
    with pytest.raises(Problems, match="issue number 7 is also"):
        read(folder)


def test_a_file_that_is_no_text(folder):
    (folder / "entries" / "bad.md").write_bytes(b"---\ntitle: \xff\n---\n")
    with pytest.raises(Problems, match="0xff is not UTF-8"):
        read(folder)


def test_drafts_are_left_out_and_may_not_be_listed(folder):
    edit(folder, "entries/plain.md", "title:", "draft: true\ntitle:")
    with pytest.raises(Problems, match="entry 'plain' is a draft"):
        read(folder)
    edit(folder, "issues/7.md", "[dice, plain]", "[dice]")
    with pytest.raises(Problems, match="refers to the draft"):
        read(folder)
    edit(folder, "entries/dice.md", "{entry}`a plain one <plain>`", "nothing")
    assert list(read(folder).entries) == ["dice"]


def test_an_opinion_heading_in_code_is_code(folder):
    edit(folder, "entries/plain.md", "Just text", "```\n## Opinion (Nobody)\n```\nJust text")
    assert read(folder).entries["plain"].opinions == ()


def test_schema_accepts_what_the_reader_accepts(folder):
    matter = yaml.safe_load((folder / "entries" / "dice.md").read_text().split("---\n")[1])
    schema = entry_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(matter, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(matter | {"summariser": "x"}, schema)
    json.dumps(schema)
