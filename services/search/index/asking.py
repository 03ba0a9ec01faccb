"""Queries of one side of the index: what it holds for everybody, or what it holds for the viewer's private groups.

Whom a query is for is in every query that is made here, and no other query of what people wrote leaves this file. Words
carry the mark of their side, so outside they are enough; inside, the viewer's groups are a term beside them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import log
from typing import Final

from tantivy import FieldType, Occur, Schema, Searcher
from tantivy import Query as Asked

from services.search.domain.languages import is_function_word
from services.search.domain.query import Query
from services.search.domain.sides import Side
from services.search.domain.typos import TYPO_CHARACTERS_MIN
from services.search.domain.words import fold, is_unspaced
from services.search.index.fields import POSITION_SIDE, PREFIX_CHARACTERS_MAX
from services.search.index.stemming import forms_of

TITLE_WEIGHT: Final = 2.0
"""Shared by the words of a query: one or two are a subject, and so are titles; of a sentence most words are beside it."""
TOPIC_WEIGHT: Final = 2.0
BODY_WEIGHT: Final = 1.0
TYPO_WEIGHT: Final = 0.5
_ALL_NEEDED_WORDS_MAX: Final = 2
_NEEDED_SHARE: Final = 4


Compound = tuple[str, ...]
Filters = Sequence[tuple[str, Sequence[str]]]
"""Fields of the index, and the values of which each must have one; without values, nothing has."""


class Telling:
    """How much a word tells: the less, the more often it stands in what everybody may find, on whichever side it is found.

    So no order depends on the words of private groups. Tantivy takes how often a word stands on its own side; to that of
    the outside, the inside is brought by weights, as by the same inverse document frequency (of BM25).
    """

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher
        self._documents = sum(searcher.doc_freq("side", side) for side in (*Side, POSITION_SIDE))

    @property
    def deleted(self) -> int:
        """How many documents are deleted and still counted, and so are their words."""
        return self._documents - self._searcher.num_docs

    def having(self, side: Side, field: str, word: str) -> int:
        """Return in how many documents of a side a word stands, deleted ones included."""
        return self._searcher.doc_freq(field, side.mark(word))

    def weight(self, side: Side, field: str, words: Sequence[str]) -> float:
        """Return by how much to weight what Tantivy makes of these words, together, on one side."""
        if side is Side.OUTSIDE:
            return 1.0
        outside, inside = (sum(self._idf(each, field, word) for word in words) for each in Side)
        return outside / inside

    def _idf(self, side: Side, field: str, word: str) -> float:
        having = self.having(side, field, word)
        return log(1 + (self._documents - having + 0.5) / (having + 0.5))


class Asking:
    """Makes the queries of one viewer on one side."""

    def __init__(self, schema: Schema, side: Side, telling: Telling, audiences: Sequence[str]) -> None:
        self._schema = schema
        self._side = side
        self._telling = telling
        self._seen = self._any("side", [side]) if side is Side.OUTSIDE else self._any("audience", audiences)

    def match(
        self,
        query: Query,
        words: Sequence[str],
        typos: Collection[str],
        compounds: Sequence[Compound],
        filters: Filters,
        exclusions: Filters,
    ) -> Asked:
        """Return the query for what ``query`` says with these words, and these values of its filters."""
        wanted, unwanted = query.wanted, query.unwanted
        said = [self._phrase(phrase) for phrase in wanted.phrases]
        if words or compounds:
            said.append(self._words(words, typos, compounds, any_word=query.any_word))
        clauses = [(Occur.Must, self._any(name, values)) for name, values in filters]
        clauses += [(Occur.MustNot, self._any(name, values)) for name, values in exclusions]
        clauses += [(Occur.MustNot, self._phrase(phrase)) for phrase in unwanted.phrases]
        clauses += [(Occur.MustNot, self._stems(word)) for word in unwanted.words]
        if query.from_ms is not None or query.until_ms is not None:
            clauses.append((Occur.Must, self._created(query.from_ms, query.until_ms)))
        return self._seen_by_viewer(said, clauses)

    def word(self, word: str) -> Asked:
        """Return the query for a word in any of its forms."""
        return self._seen_by_viewer([self._stems(word)])

    def named(self, beginnings: Collection[str], kind: str) -> Asked:
        """Return the query for those of a kind in whose name each of ``beginnings``, folded, begins a word."""
        begun = [self._term("prefixes", word[:PREFIX_CHARACTERS_MAX]) for word in beginnings]
        return self._seen_by_viewer(begun, [(Occur.Must, self._any("kind", [kind]))])

    def everything(self) -> Asked:
        """Return the query for all that the viewer may find on this side."""
        return self._seen

    def _seen_by_viewer(self, said: Sequence[Asked], clauses: Sequence[tuple[Occur, Asked]] = ()) -> Asked:
        """Return the query for what is ``said`` in words of this side, all of it."""
        needed = [(Occur.Must, each) for each in said]
        if not said or self._side is Side.INSIDE:
            needed.append((Occur.Must, self._seen))
        return said[0] if len(said) == len(needed) == 1 and not clauses else Asked.boolean_query([*needed, *clauses])

    def _words(
        self, words: Sequence[str], typos: Collection[str], compounds: Sequence[Compound], *, any_word: bool
    ) -> Asked:
        """Return the query for words of which all are needed if there are two, and else a quarter, or one."""
        title_weight = TITLE_WEIGHT / (len(words) + len(compounds))
        each = [self._word(word, typo=word in typos, title_weight=title_weight) for word in words]
        each += [self._compound(compound, title_weight) for compound in compounds]
        if len(each) == 1:
            return each[0]
        needed = len(each) if len(each) <= _ALL_NEEDED_WORDS_MAX else max(1, len(each) // _NEEDED_SHARE)
        if any_word:
            needed = 1
        return Asked.boolean_query([(Occur.Should, way) for way in each], minimum_number_should_match=needed)

    def _compound(self, compound: Compound, title_weight: float) -> Asked:
        """Return the query for all parts of a compound; where no spaces are written, they stand next to each other."""
        if any(map(is_unspaced, compound)):
            return self._phrase(compound)
        parts = [(Occur.Should, self._stems(part, title_weight)) for part in compound if not is_function_word(part)]
        return Asked.boolean_query(parts, minimum_number_should_match=len(parts)) if parts else self._phrase(compound)

    def _word(self, word: str, *, typo: bool, title_weight: float) -> Asked:
        stems = self._stems(word, title_weight)
        if not typo:
            return stems
        ways = [stems, self._ranked("words", fold(word))]
        if len(word) >= TYPO_CHARACTERS_MIN:
            ways += [self._fuzzy("words", fold(word)), self._fuzzy("body", word)]
        return Asked.disjunction_max_query(ways)

    def _fuzzy(self, name: str, word: str) -> Asked:
        marked = self._side.mark(word)
        fuzzy = Asked.fuzzy_term_query(self._schema, name, marked, distance=1, transposition_cost_one=True)
        return Asked.boost_query(fuzzy, TYPO_WEIGHT)

    def _stems(self, word: str, title_weight: float = TITLE_WEIGHT) -> Asked:
        ways = [("topics", word, TOPIC_WEIGHT)]
        for form in forms_of(word):
            ways += [("title", form, title_weight), ("body", form, BODY_WEIGHT)]
        known = [way for way in ways if self._telling.having(self._side, *way[:2])]
        return _either([self._ranked(name, form, weight) for name, form, weight in known])

    def _phrase(self, words: Sequence[str]) -> Asked:
        folded = [fold(word) for word in words]
        if len(folded) == 1:
            return self._ranked("words", folded[0])
        phrase = Asked.phrase_query(self._schema, "words", list(map(self._side.mark, folded)))
        return _weighted(phrase, self._telling.weight(self._side, "words", folded))

    def _ranked(self, name: str, word: str, weight: float = 1.0) -> Asked:
        return _weighted(self._term(name, word), weight * self._telling.weight(self._side, name, [word]))

    def _any(self, name: str, values: Collection[str]) -> Asked:
        return _unranked([self._is(name, value) for value in values])

    def _term(self, name: str, word: str) -> Asked:
        return self._is(name, self._side.mark(word))

    def _is(self, name: str, value: str) -> Asked:
        return Asked.term_query(self._schema, name, value)

    def _created(self, from_ms: int | None, until_ms: int | None) -> Asked:
        latest = None if until_ms is None else until_ms - 1
        created = Asked.range_query(self._schema, "created", FieldType.Integer, lower_bound=from_ms, upper_bound=latest)
        return Asked.const_score_query(created, 0.0)


def _unranked(ways: Sequence[Asked]) -> Asked:
    """Return the query for any of ``ways``, which are the reason for nothing to come first; of none, for nothing."""
    return Asked.const_score_query(_either(ways), 0.0)


def _either(ways: Sequence[Asked]) -> Asked:
    """Return the query for any of ``ways``; Tantivy is slower with one that is wrapped than with it alone."""
    return ways[0] if len(ways) == 1 else Asked.boolean_query([(Occur.Should, way) for way in ways])


def _weighted(asked: Asked, weight: float) -> Asked:
    """Return a query with a weight; Tantivy takes half as long again for one with a weight of 1 as for none."""
    return asked if weight == 1.0 else Asked.boost_query(asked, weight)
