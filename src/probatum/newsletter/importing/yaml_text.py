"""Front matter written as YAML: plain where that is safe, in JSON's double quotes where it is not.

Every JSON string is a YAML string, and writing lines takes a hundredth of the time of a YAML emitter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

_PLAIN = re.compile(
    "[^\\W\\d_](?:[^\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff:#]|:(?=[^\\s])|(?<=[^\\s])#)*"
)
_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_LIST_SIGNS = re.compile(r"[,\[\]{}:#]")

Value = str | int | bool | tuple[str, ...]


def scalar(text: str, *, in_list: bool = False) -> str:
    r"""Write one text so that YAML reads exactly it, as text.

    >>> print(scalar("AI & safety"), scalar("no"), scalar("a: b"), scalar("2018"), scalar("a\nb"))
    AI & safety "no" "a: b" "2018" "a\nb"
    """
    plain = _PLAIN.fullmatch(text) and not text[-1].isspace() and text.lower() not in _WORDS
    if plain and not (in_list and _LIST_SIGNS.search(text)):
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)


def front_matter(fields: Mapping[str, Value]) -> str:
    """Write `fields` between two `---` lines; those that are empty are left out."""
    lines = [f"{key}: {_value(value)}" for key, value in fields.items() if value not in ("", (), False)]
    return "\n".join(["---", *lines, "---", ""])


def block_list(items: Iterable[str]) -> str:
    """Write a list with one item a line, to stand under its key."""
    return "".join(f"\n  - {scalar(item)}" for item in items)


def _value(value: Value) -> str:
    if isinstance(value, str):
        return scalar(value)
    if isinstance(value, tuple):
        return f"[{', '.join(scalar(item, in_list=True) for item in value)}]"
    return str(value).lower()
