import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from sample_bodies import build

from probatum.newsletter.formats import search
from probatum.newsletter.parts.search_index import PIECES, STOP_WORDS, WEIGHTS, SearchIndex, piece, words
from probatum.newsletter.rendering.passages import Passage


def loaded(folder):
    """The index as the script in a browser sees it."""
    data = {}
    for path in (folder / "search").iterdir():
        text = path.read_text().strip()
        assert text.startswith("searchPiece(") and text.endswith(")")
        name, value = json.loads(f"[{text[len('searchPiece(') : -1]}]")
        assert f"{name}.js" == path.name
        data[name] = value
    return data


def found(data, word):
    postings = data.get(str(piece(word)), {}).get(word, [])
    entries = [divmod(posting, data["about"]["weights"]) for posting in postings]
    size = data["about"]["chunk"]
    return {data[f"entries-{n // size}"][n % size][1]: weight for n, weight in entries}


def with_summary(newsletter, id, text):
    rendered = replace(newsletter.rendered[id], key=text, summary=Passage(html=text, text=text))
    return replace(newsletter, rendered={**newsletter.rendered, id: rendered})


def test_words_are_found_in_titles_texts_opinions_names_and_sections(out):
    out.commit(search.write(build(), out))
    data = loaded(out.folder)
    assert found(data, "banding")["weight-banding"] > found(data, "weights")["branch-specialization"]
    assert "branch-specialization" in found(data, "voss"), "an author"
    assert "branch-specialization" in found(data, "j"), "one letter, in an opinion"
    assert "uber-tiefe-netze" in found(data, "uber"), "without its dots"
    assert "uber-tiefe-netze" in found(data, "深層学習")
    assert "only-a-link" in found(data, "news"), "the section"
    assert "archived" in found(data, "2002"), "the year"
    assert not found(data, "the")


def test_a_result_shows_title_page_issue_byline_and_first_words(out):
    out.commit(search.write(build(), out))
    results = {result[1]: result for result in loaded(out.folder)["entries-0"]}
    title, _, issue, byline, snippet = results["weight-banding"]
    assert (title, issue, byline) == ("Weight Banding", 3, "(Michael Petrov et al) (summarized by Ben)")
    assert snippet.endswith(" …") and len(snippet) < search.SNIPPET + 3
    assert results["archived"][2] is None


def test_after_an_edit_only_the_pieces_of_changed_words_are_written(out):
    before = with_summary(build(), "archived", "Found later in a library.")
    out.commit(search.write(before, out))
    after = with_summary(build(), "archived", "Found later in a zebra.")
    written = {path.name for path in out.commit(search.write(after, out))}
    assert written == {"entries-0.js", f"{piece('zebra')}.js", f"{piece('library')}.js"}
    data = loaded(out.folder)
    assert "archived" in found(data, "zebra")
    assert "archived" not in found(data, "library")


def test_a_piece_whose_last_word_went_is_removed(out):
    out.commit(search.write(with_summary(build(), "archived", "Found."), out))
    taken = loaded(out.folder).keys()
    alone = next(word for word in ("qz", "zq", "xj", "jx", "vv") if str(piece(word)) not in taken)
    out.commit(search.write(with_summary(build(), "archived", f"Found {alone}."), out))
    assert (out.folder / f"search/{piece(alone)}.js").is_file()
    out.commit(search.write(with_summary(build(), "archived", "Found."), out))
    assert not (out.folder / f"search/{piece(alone)}.js").exists()


@given(st.lists(st.dictionaries(st.sampled_from(["only-a-link", "archived"]), st.text(max_size=30)), max_size=4))
def test_updates_end_where_a_fresh_index_begins(edits):
    newsletter = build()
    entries = tuple(newsletter.entries.values())
    kept = SearchIndex()
    kept.update(newsletter, entries)
    for edit in edits:
        for id, text in edit.items():
            newsletter = with_summary(newsletter, id, text)
        kept.update(newsletter, entries)
    fresh = SearchIndex()
    fresh.update(newsletter, entries)
    assert kept.pieces() == fresh.pieces()
    assert kept.lengths == fresh.lengths
    assert all(kept.postings(name) == fresh.postings(name) for name in fresh.pieces())


def test_a_new_entry_renumbers_all():
    newsletter = build()
    entries = tuple(newsletter.entries.values())
    kept, fresh = SearchIndex(), SearchIndex()
    kept.update(newsletter, entries[1:])
    kept.update(newsletter, entries)
    fresh.update(newsletter, entries)
    assert [kept.postings(name) for name in kept.pieces()] == [fresh.postings(name) for name in fresh.pieces()]


@given(st.text())
def test_words_are_plain_and_have_a_piece(text):
    for word in words(text):
        assert word and word == word.lower()
        assert 0 <= piece(word) < PIECES


def test_a_word_said_too_often_does_not_reach_into_the_next_entry():
    newsletter = with_summary(build(), "archived", "echo " * (WEIGHTS + 5))
    index = SearchIndex()
    index.update(newsletter, [newsletter.entries["archived"], newsletter.entries["only-a-link"]])
    assert index.postings(piece("echo"))["echo"] == [WEIGHTS - 1]


def test_stop_words_are_as_a_text_is_split():
    assert all(words(word) == [word] for word in STOP_WORDS)
