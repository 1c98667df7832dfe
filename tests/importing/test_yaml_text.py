import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from probatum.newsletter.importing.yaml_text import block_list, front_matter, scalar

# A lone half of a surrogate pair is no character: no sheet can hold one.
TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.from_regex(r"\A[a-z][a-z :#,\[\]{}&*!|>'\"%@-]{0,12}\Z")


def read(text):
    return yaml.load(text, yaml.CSafeLoader)


@given(TEXTS, st.lists(TEXTS))
@example("a: b", ["a, b"])
@example("x\u2028y\x85z\ufeff", ["null", "~", "1e5", "2018-01-01"])
@example("ab #c", ["ab:", "a\tb"])
def test_yaml_reads_what_was_written(text, items):
    matter = (
        front_matter({"a": text, "b": tuple(items), "c": 1999, "d": True}).removeprefix("---\n").partition("\n---\n")
    )
    wanted = {"a": text, "b": items, "c": 1999, "d": True}
    assert read(matter[0]) == {key: value for key, value in wanted.items() if value not in ("", [])}
    assert read(f"a:{block_list(items)}") == {"a": items or None}


def test_common_text_is_plain():
    assert [scalar(text) for text in ("Robots that garden", "https://example.org/a?b#c", "AT&T (US)")] == [
        "Robots that garden", "https://example.org/a?b#c", "AT&T (US)",
    ]  # fmt: skip
    assert scalar("Null") == '"Null"'
