"""The shape of front matter and `newsletter.yaml`: the one place where pydantic reads what people wrote."""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, model_validator

from probatum.claims.claim import Question, Scope
from probatum.claims.expectation import parse
from probatum.newsletter.web_address import web_address

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ID = r"^[a-z0-9][a-z0-9._-]*$"


def _no_control(text: str) -> str:
    if match := _CONTROL.search(text):
        raise ValueError(f"remove the control character {match[0]!r}")
    return text


def _one_line(text: str) -> str:
    if "\n" in text or "\r" in text:
        raise ValueError("write it on one line")
    return _no_control(text).strip()


def _web_address(url: str) -> str:
    if url != web_address(url):
        raise ValueError("write an address that begins with http://, https:// or mailto:")
    return url


def _text(value: Any) -> Any:
    """A number or a truth value that YAML guessed in a text field is taken back as text."""
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


Prose = Annotated[str, AfterValidator(_no_control)]
Line = Annotated[str, BeforeValidator(_text), AfterValidator(_one_line)]
Name = Annotated[Line, Field(min_length=1)]
Url = Annotated[Line, AfterValidator(_web_address)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ClaimMatter(_Strict):
    """A sentence with a number or an ordering that somebody reported, and how it is tried."""

    id: str = Field(pattern=_ID, description="Short name, unique in the entry, used as {claim}`id` in the text")
    says: Name = Field(description="The claim as one sentence")
    reported: Name = Field(description="What the work reports, with its numbers")
    question: Question = Field(
        description="recompute: from published numbers; reproduce: same data and procedure; "
        "robustness: other analyses; replicate: new data"
    )
    scope: Scope = Field(description="exact: same data, model, procedure; reduced: smaller; analogue: same idea")
    experiment: Line | None = Field(None, description="Name of the experiment that measures it")
    parameters: dict[str, JsonValue] = Field({}, alias="with", description="The experiment's parameters")
    seeds: int = Field(1, ge=1, le=10_000, description="How many seeds are run: 0, 1, …")
    expect: Line | None = Field(None, description="The region in which the measured value must lie, as `z < -2`")
    tolerance: float = Field(0.0, ge=0, description="Difference allowed when it is measured again elsewhere")
    source: Line = Field("", description="Where in the work the number stands")
    cannot_run: Prose | None = Field(None, description="Why nobody can measure it")

    @model_validator(mode="after")
    def _complete(self) -> ClaimMatter:
        if self.cannot_run and self.experiment:
            raise ValueError("a claim has either an experiment or cannot_run, not both")
        if self.experiment and not self.expect:
            raise ValueError("a claim with an experiment needs expect, such as 'z < -2', before it is measured")
        if self.expect:
            parse(self.expect)
        return self


class EntryMatter(_Strict):
    """The front matter of `entries/*.md`."""

    title: Name = Field(description="The work's title; Markdown links are allowed")
    url: Url = Field("", description="Where the work is to be read")
    authors: list[Name] | Line = Field(
        [],
        description="Names in order, a joint first author with * behind; or one line that is shown as it is",
    )
    venue: Line = ""
    year: int | None = Field(None, ge=1000, le=2999)
    category: Name = Field(description="A section of newsletter.yaml, by its present or a former name")
    highlight: bool = Field(False, description="Shown first in its issue")
    summarizer: Line = Field("", description="Who wrote the summary")
    hat_tip: Line = Field("", description="Who pointed to the work")
    email: Line = Field(
        "", description="What a spreadsheet said of the mail in which it appeared, where that is no issue"
    )
    prerequisites: Prose = Field("", description="Markdown")
    read_more: Prose = Field("", description="Markdown")
    draft: bool = Field(False, description="Not published yet")
    claims: list[ClaimMatter] = []


class IssueMatter(_Strict):
    """The front matter of `issues/*.md`."""

    number: int = Field(ge=0, le=1_000_000)
    title: Line = ""
    date: datetime.date | None = None
    url: Url = Field("", description="Where the issue stood first, such as the mail in a list's archive")
    entries: list[Line] = Field([], description="Ids of the entries, in order")
    draft: bool = False


class PersonMatter(_Strict):
    """Somebody who writes, and the other names under which the files know them."""

    aliases: list[Name] = []
    url: Url = ""


class SectionMatter(_Strict):
    """A section of the tree."""

    name: Name
    title: Line = Field("", description="What is shown, where it differs from the name")
    was: list[Name] = Field([], description="Former names; entries may still use them")
    retired: bool = Field(False, description="No longer used for new entries")
    children: list[SectionMatter] = []

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        """A plain name, and `{parent: [children]}`, are short for the long form."""
        if isinstance(value, str):
            return {"name": value}
        if isinstance(value, dict) and len(value) == 1 and isinstance(next(iter(value.values())), list):
            name, children = next(iter(value.items()))
            return {"name": name, "children": children}
        return value


class NewsletterMatter(_Strict):
    """`newsletter.yaml`."""

    title: Name
    description: Line = ""
    url: Url = "https://newsletter.example/"
    language: Annotated[str, Field(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")] = "en"
    editor: Line = ""
    email: Line = ""
    feedback: Line = Field("", description="A sentence for the FEEDBACK block at the end of an issue")
    podcast: Line = Field("", description="A sentence for the PODCAST block at the end of an issue")
    licence: Line = ""
    sections: list[SectionMatter] = Field(min_length=1)
    people: dict[str, PersonMatter] = {}


def entry_schema() -> dict[str, Any]:
    """The JSON Schema of an entry's front matter, for editors' tools."""
    schema = EntryMatter.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema
