import json
import re
from base64 import b64decode
from pathlib import Path

import bibtexparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probatum.newsletter.content import Entry
from probatum.newsletter.formats import bibtex, csl, web_entries
from probatum.newsletter.parts.citation import Citation, cite

HOSTILE = [
    "& % $ # _ { } ~ ^ \\", "{", "}", "}}", "{{", "\\", "@article{x,", "}\n@article{evil, title={",
    'a "b" c', "a=b,", "50% off", "$x_i^2$", "@string{a={b}}", "\x00\x1b", "%", "line\nbreak", "#1",
    "\\input{/etc/passwd}", "日本語",
]  # fmt: skip
COMMANDS = {
    r"\textbraceleft{}": "{", r"\textbraceright{}": "}", r"\textbackslash{}": "\\", r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^", r"\&": "&", r"\%": "%", r"\$": "$", r"\#": "#", r"\_": "_",
}  # fmt: skip


def reference(**fields):
    empty = {
        "key": "x", "kind": "web", "title": "T", "authors": (), "and_others": False, "venue": "",
        "year": None, "url": "", "doi": "", "arxiv": "",
    }  # fmt: skip
    return Citation(**(empty | fields))


def entry(**fields):
    return Entry(**({"id": "x", "title": "T", "category": "News", "path": Path()} | fields))


def parsed(text):
    library = bibtexparser.parse_string(text)
    assert library.failed_blocks == []
    assert len(library.blocks) == len(library.entries)
    return {
        entry.key: {field.key: field.value for field in entry.fields} | {"": entry.entry_type}
        for entry in library.entries
    }


def unescaped(text):
    """What TeX would print."""
    plain = ""
    while text:
        command = next((command for command in COMMANDS if text.startswith(command)), None)
        plain += COMMANDS[command] if command else text[0]
        text = text[len(command) if command else 1 :]
    return plain


def balanced(text):
    depth = 0
    for character in text:
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth < 0:
            return False
    return depth == 0


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("field", ["title", "venue", "authors"])
def test_no_text_leaves_its_field(text, field):
    written = bibtex.bibtex(reference(**{field: (text,) if field == "authors" else text}))
    assert balanced(written)
    (found,) = parsed(written).values()
    assert found[""] == "misc"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_a_title_comes_back(title):
    citation = cite(entry(), title)
    found = parsed(bibtex.bibtex(citation))["x"]
    if citation.title:
        assert unescaped(found["title"].removeprefix("{").removesuffix("}")) == citation.title.translate(
            {0xFFFE: None, 0xFFFF: None}
        )


@pytest.mark.parametrize(
    "url", ["https://a.example/{x}?a=1&b=50%25#c_d~e", "https://a.example/\\}\n @x{", "https://ü.example"]
)
def test_an_address_stays_in_its_field(url):
    written = bibtex.bibtex(reference(url=url, doi="10.1000/" + url))
    assert balanced(written)
    assert "%" not in url or "b=50%25#c_d~e" in parsed(written)["x"]["url"]


def test_authors_are_whole_names_joined_by_and():
    written = bibtex.bibtex(cite(entry(authors=("Daniel Filan*", "Shlomi Hod", "Acme, Inc.", "Smith and Sons")), "T"))
    assert parsed(written)["x"]["author"] == "Daniel Filan and Shlomi Hod and {Acme, Inc.} and {Smith and Sons}"


@pytest.mark.parametrize(
    ("authors", "names", "others"),
    [
        ("Daniel Filan and Adam Gleave", ("Daniel Filan", "Adam Gleave"), False),
        ("A One, B Two, and C Three", ("A One", "B Two", "C Three"), False),
        ("Markus Kettunen et al", ("Markus Kettunen",), True),
        (("Vicki Pfau et al.",), ("Vicki Pfau",), True),
        (("Andrew Ilyas*", "Anderson Cooper"), ("Andrew Ilyas", "Anderson Cooper"), False),
        ((), (), False),
        ("", (), False),
    ],
)
def test_author_lines_are_taken_apart(authors, names, others):
    citation = cite(entry(authors=authors), "T")
    assert (citation.authors, citation.and_others) == (names, others)
    assert ("and others" in bibtex.bibtex(citation)) is others


@pytest.mark.parametrize(
    ("url", "arxiv"),
    [
        ("https://arxiv.org/abs/2103.03386", "2103.03386"),
        ("http://arxiv.org/pdf/1810.07483v2.pdf", "1810.07483"),
        ("https://www.arxiv.org/abs/cs/0112017", "cs/0112017"),
        ("https://arxiv.org/list/cs.LG/recent", ""),
        ("https://distill.pub/2020", ""),
    ],
)
def test_arxiv_numbers_are_read_from_the_address(url, arxiv):
    citation = cite(entry(url=url, venue="arXiv", year=2021), "T")
    assert citation.arxiv == arxiv
    assert citation.kind == ("preprint" if arxiv else "web")
    fields = parsed(bibtex.bibtex(citation))["x"]
    assert fields.get("eprint", "") == arxiv
    assert ("archiveprefix" in fields) is bool(arxiv)


def test_a_doi_is_read_from_the_address():
    citation = cite(entry(url="https://doi.org/10.23915/distill.00024.008"), "T")
    assert parsed(bibtex.bibtex(citation))["x"]["doi"] == "10.23915/distill.00024.008"
    assert csl.csl(citation)["DOI"] == "10.23915/distill.00024.008"


def test_a_conference_paper_is_one():
    citation = cite(entry(venue="NeurIPS 2018", url="https://arxiv.org/abs/1804.00222", year=2018), "T")
    fields = parsed(bibtex.bibtex(citation))["x"]
    assert (fields[""], fields["booktitle"], fields["eprint"]) == (
        "inproceedings",
        "NeurIPS 2018",
        "1804.00222",
    )
    item = csl.csl(citation)
    assert (item["type"], item["container-title"]) == ("paper-conference", "NeurIPS 2018")


def test_csl_items_say_what_is_known_and_nothing_else():
    citation = cite(entry(authors=("Ann Lee", "Bo Ek"), venue="Distill", year=2020, url="https://d.example"), "T")
    assert csl.csl(citation) == {
        "id": "x",
        "type": "webpage",
        "title": "T",
        "author": [{"literal": "Ann Lee"}, {"literal": "Bo Ek"}],
        "container-title": "Distill",
        "issued": {"date-parts": [[2020]]},
        "URL": "https://d.example",
    }
    assert csl.csl(cite(entry(), "T")) == {"id": "x", "type": "document", "title": "T"}


def test_all_references_are_in_one_file_and_each_on_its_page(sample_newsletter, out):
    out.commit([path for format in (bibtex, csl, web_entries) for path in format.write(sample_newsletter, out)])
    together = parsed((out.folder / "citations.bib").read_text())
    items = {item["id"]: item for item in json.loads((out.folder / "citations.json").read_text())}
    assert list(together) == list(items) == [entry.id for entry in sample_newsletter.ordered]
    for id in sample_newsletter.entries:
        page = (out.folder / f"entries/{id}.html").read_text()
        downloads = re.findall(r'download=[^>]* href="data:[^,"]*;base64,([^"]*)"', page)
        bib, one = (b64decode(found).decode() for found in downloads)
        assert parsed(bib) == {id: together[id]}
        assert json.loads(one) == [items[id]]
    assert together["two-posts"]["title"] == "{First post and second post}"
    assert all(key.isascii() for key in together)
