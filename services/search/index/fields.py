"""What is indexed of a document. All text comes in as words that are separated by spaces and made alike already.

| field | of it |
|---|---|
| sequence | where it arrived in the log: its key |
| side, audience | who may find it: everybody, or the members of a private group, and of which |
| kind, author, group, created | what filters ask for |
| title, body | stems, for relevance; those of the title are in the body too |
| topics | the #topics in it |
| words | whole words without their marks, for phrases and for words with a typo |
| prefixes | beginnings of the words of names and titles and of a person's region, for completion |
|  | each word of these five with the mark of the side |
| position, made | in one document alone: how far the index has come with the log, and where its first content stood |
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tantivy import Document, Index, Schema, SchemaBuilder, TextAnalyzerBuilder, Tokenizer

from samverka.search.v1.search_views_pb2 import HIT_KIND_GROUP, HIT_KIND_PERSON, HIT_KIND_QUESTION, HitKind
from services.chassis.ids import region_of
from services.chassis.marks import read_marks
from services.search.domain.prefixes import region_word
from services.search.domain.sides import Side, side_of
from services.search.domain.words import alike
from services.search.index.stemming import stemmed

INDEX_VERSION: Final = 6
"""Grows whenever the same rows would be indexed in another way."""
PREFIX_CHARACTERS_MAX: Final = 20
POSITION_KEY: Final = 0
"""The key of the document that holds the position; no log has an entry 0."""
POSITION_SIDE: Final = "none"
_SPACES: Final = "spaces"
_COMPLETED: Final = (HIT_KIND_PERSON, HIT_KIND_GROUP, HIT_KIND_QUESTION)


@dataclass(frozen=True, slots=True)
class Indexed:
    """A row of what can be found."""

    sequence: int
    hit: HitKind.ValueType
    author: str
    group_id: str | None
    audience: str
    called: str
    title: str
    body: str
    created_at_ms: int


def make_schema() -> Schema:
    """Return the fields of the index."""
    builder = SchemaBuilder()
    builder.add_integer_field("sequence", indexed=True, fast=True)  # signed: the binding deletes by no other number
    for name in ("position", "made"):
        builder.add_unsigned_field(name, stored=True)
    builder.add_integer_field("created", indexed=True, fast=True)
    for name in ("side", "audience", "kind", "author", "group", "topics"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("title", "body"):
        builder.add_text_field(name, tokenizer_name=_SPACES, index_option="freq")
    builder.add_text_field("words", tokenizer_name=_SPACES, index_option="position")
    builder.add_text_field("prefixes", tokenizer_name=_SPACES, index_option="basic")
    return builder.build()


def register_analyzers(index: Index) -> None:
    """Tell an opened index how its texts are told into words."""
    index.register_tokenizer(_SPACES, TextAnalyzerBuilder(Tokenizer.whitespace()).build())


def document_of(row: Indexed) -> Document:
    """Return what is indexed of a row."""
    document = Document()
    document.add_integer("sequence", row.sequence)
    document.add_integer("created", row.created_at_ms)
    side = side_of(row.audience)
    document.add_text("side", side)
    if side is Side.INSIDE:
        document.add_text("audience", row.audience)
    document.add_text("kind", str(row.hit))
    document.add_text("author", row.author)
    if row.group_id is not None:
        document.add_text("group", row.group_id)
    for field, words in _texts(row):
        document.add_text(field, side.mark(words))
    return document


def position_document(position: int, *, made: int) -> Document:
    """Return the document that says how far the index has come, and since when. It is on no side, so nobody finds it."""
    document = Document()
    document.add_integer("sequence", POSITION_KEY)
    document.add_text("side", POSITION_SIDE)
    document.add_unsigned("position", position)
    document.add_unsigned("made", made)
    return document


def _texts(row: Indexed) -> Iterator[tuple[str, str]]:
    """Yield the fields of text, and words for them."""
    heading = f"{row.title} {row.called}" if row.hit == HIT_KIND_PERSON else row.title
    # Together with the body, a title is in a language that can be told; alone it would be in the way of each, three times.
    for field, text in (("title", heading), ("body", f"{heading}\n{row.body}")):
        for stems in stemmed(text):
            yield field, stems
    for text in (heading, row.body):
        yield "words", alike(text)
    for topic in read_marks(row.body, region=region_of(row.author)).topics:
        yield "topics", topic
    if row.hit in _COMPLETED:
        words = alike(heading).split()
        if row.hit == HIT_KIND_PERSON:
            words.append(region_word(region_of(row.author)))
        yield "prefixes", " ".join(_prefixes(words))


def _prefixes(words: Sequence[str]) -> set[str]:
    return {word[:length] for word in words for length in range(1, min(len(word), PREFIX_CHARACTERS_MAX) + 1)}
