"""What a query asks of the index's fields: terms to match, filters, and, first of all, who asks.

The audience is a term of every query that is made here, so nothing is found, counted or completed that its viewer may not
see, and no other query leaves this file. Also whether a word is rare, and may then be a typo, is asked of what they may see.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final

from tantivy import FieldType, Occur, Schema, Searcher, SearchResult
from tantivy import Query as Asked

from services.search.domain.languages import is_function_word
from services.search.domain.query import Query, Terms
from services.search.domain.typos import TYPO_CHARACTERS_MIN, within_one_typo
from services.search.domain.words import fold, is_unspaced
from services.search.index.fields import PREFIX_CHARACTERS_MAX
from services.search.index.stemming import forms_of

TITLE_WEIGHT: Final = 2.0
"""Shared by the words of a query: one or two are a subject, and so are titles; of a sentence most words are beside it."""
TOPIC_WEIGHT: Final = 2.0
BODY_WEIGHT: Final = 1.0
TYPO_WEIGHT: Final = 0.5
RARE_HITS_MAX: Final = 2
"""A word that is found so seldom may be a typo of another."""
TOPICS_LOOKED_AT_MAX: Final = 200
_ALL_NEEDED_WORDS_MAX: Final = 2
_NEEDED_SHARE: Final = 4


Compound = tuple[str, ...]
Filters = Sequence[tuple[str, Sequence[str]]]
"""Fields of the index, and the values of which each must have one; without values, nothing has."""


@dataclass(frozen=True, slots=True)
class Matched:
    """A query of the index, and what in a text is the reason that it matches."""

    asked: Asked
    ranked: bool
    _forms: frozenset[str] = frozenset()
    _exact: frozenset[str] = frozenset()
    _typos: frozenset[str] = field(default=frozenset())

    def marks(self, word: str) -> bool:
        """Whether a word of a text, in lower case, is one that was looked for."""
        forms, folded = forms_of(word), fold(word)
        if folded in self._exact or not self._forms.isdisjoint(forms):
            return True
        return any(within_one_typo(meant, typed) for typed in self._typos for meant in (folded, *forms))


class Matching:
    """Makes the queries of one viewer on one view of the index."""

    def __init__(self, schema: Schema, searcher: Searcher, audiences: Sequence[str]) -> None:
        self._schema = schema
        self._searcher = searcher
        self._audience = Asked.const_score_query(Asked.term_set_query(schema, "audience", audiences), 0.0)

    def match(self, query: Query, filters: Filters, exclusions: Filters) -> Matched:
        """Return what to ask the index for, to find what ``query`` says with these values of its filters."""
        wanted, unwanted = query.wanted, query.unwanted
        words, compounds = _telling(wanted)
        typos = {word for word in words if self._may_be_typo(word)}
        clauses = [(Occur.Must, self._unranked(name, values)) for name, values in filters]
        clauses += [(Occur.MustNot, self._unranked(name, values)) for name, values in exclusions]
        clauses += [(Occur.Must, self._phrase(phrase)) for phrase in wanted.phrases]
        clauses += [(Occur.MustNot, self._phrase(phrase)) for phrase in unwanted.phrases]
        clauses += [(Occur.MustNot, self._stems(word)) for word in unwanted.words]
        if query.from_ms is not None or query.until_ms is not None:
            clauses.append((Occur.Must, self._created(query.from_ms, query.until_ms)))
        if words or compounds:
            clauses.append((Occur.Must, self._words(words, typos, compounds)))
        return Matched(
            asked=self._seen_by_viewer(clauses),
            ranked=bool(words or compounds or wanted.phrases),
            _forms=frozenset().union(*map(forms_of, (*words, *chain.from_iterable(compounds)))),
            _exact=frozenset(fold(word) for phrase in wanted.phrases for word in phrase),
            _typos=frozenset(
                meant for word in typos if len(word) >= TYPO_CHARACTERS_MIN for meant in (word, fold(word))
            ),
        )

    def best(self, matched: Matched, most: int, *, shown: Sequence[int], arrived_until: int) -> list[int]:
        """Return the sequences of the best that were not shown and had arrived, or of the latest if none is better."""
        asked = self._without(matched.asked, shown, arrived_until) if shown else matched.asked
        order = None if matched.ranked else "sequence"
        return self._sequences(self._searcher.search(asked, most, count=False, order_by_field=order))

    def count(self, matched: Matched) -> int:
        """Return how much there is to be found."""
        result: Any = self._searcher.search(matched.asked, 1, count=True)  # its stubs forget the count
        return int(result.count)

    def _sequences(self, result: SearchResult) -> list[int]:
        found = self._searcher.fast_field_values("sequence", [address for _, address in result.hits])
        return [int(number) for number in found if number is not None]

    def _without(self, asked: Asked, shown: Sequence[int], arrived_until: int) -> Asked:
        later = Asked.range_query(
            self._schema, "sequence", FieldType.Integer, lower_bound=arrived_until, include_lower=False
        )
        seen = Asked.term_set_query(self._schema, "sequence", shown)
        return Asked.boolean_query([(Occur.Must, asked), (Occur.MustNot, later), (Occur.MustNot, seen)])

    def named(self, beginnings: Iterable[str], *, kind: str, most: int) -> list[int]:
        """Return the sequences of those of a kind in whose name each of ``beginnings``, folded, begins a word."""
        clauses = [(Occur.Must, self._term("prefixes", word[:PREFIX_CHARACTERS_MAX])) for word in beginnings]
        clauses.append((Occur.Must, self._unranked("kind", [kind])))
        return self._sequences(self._searcher.search(self._seen_by_viewer(clauses), most, count=False))

    def topics(self, beginning: str, *, most: int) -> list[str]:
        """Return topics that begin so, the most used among what the viewer may see first."""
        found = self._searcher.terms_with_prefix("topics", beginning.lower(), self._audience, TOPICS_LOOKED_AT_MAX)
        return [topic for topic, _ in sorted(found, key=lambda counted: (-counted[1], counted[0]))[:most]]

    def _seen_by_viewer(self, clauses: list[tuple[Occur, Asked]]) -> Asked:
        return Asked.boolean_query([(Occur.Must, self._audience), *clauses])

    def _may_be_typo(self, word: str) -> bool:
        query = self._seen_by_viewer([(Occur.Must, self._stems(word))])
        return len(self._searcher.search(query, RARE_HITS_MAX + 1, count=False).hits) <= RARE_HITS_MAX

    def _words(self, words: Sequence[str], typos: Collection[str], compounds: Sequence[Compound]) -> Asked:
        """Return the query for words of which all are needed if there are two, and else a quarter, or one."""
        title_weight = TITLE_WEIGHT / (len(words) + len(compounds))
        each = [(Occur.Should, self._word(word, typo=word in typos, title_weight=title_weight)) for word in words]
        each += [(Occur.Should, self._compound(compound, title_weight)) for compound in compounds]
        needed = len(each) if len(each) <= _ALL_NEEDED_WORDS_MAX else max(1, len(each) // _NEEDED_SHARE)
        return Asked.boolean_query(each, minimum_number_should_match=needed)

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
        ways = [stems, self._term("words", fold(word))]
        if len(word) >= TYPO_CHARACTERS_MIN:
            ways += [self._fuzzy("words", fold(word)), self._fuzzy("body", word)]
        return Asked.disjunction_max_query(ways)

    def _fuzzy(self, name: str, word: str) -> Asked:
        fuzzy = Asked.fuzzy_term_query(self._schema, name, word, distance=1, transposition_cost_one=True)
        return Asked.boost_query(fuzzy, TYPO_WEIGHT)

    def _stems(self, word: str, title_weight: float = TITLE_WEIGHT) -> Asked:
        ways = [
            Asked.boost_query(self._term(name, form), weight)
            for form in forms_of(word)
            for name, weight in (("title", title_weight), ("body", BODY_WEIGHT))
        ]
        ways.append(Asked.boost_query(self._term("topics", word), TOPIC_WEIGHT))
        return Asked.boolean_query([(Occur.Should, way) for way in ways])

    def _phrase(self, words: Sequence[str]) -> Asked:
        folded = [fold(word) for word in words]
        if len(folded) == 1:
            return self._term("words", folded[0])
        return Asked.phrase_query(self._schema, "words", list(folded))

    def _created(self, from_ms: int | None, until_ms: int | None) -> Asked:
        latest = None if until_ms is None else until_ms - 1
        created = Asked.range_query(self._schema, "created", FieldType.Integer, lower_bound=from_ms, upper_bound=latest)
        return Asked.const_score_query(created, 0.0)

    def _unranked(self, name: str, values: Collection[str]) -> Asked:
        if not values:
            return Asked.empty_query()
        return Asked.const_score_query(Asked.term_set_query(self._schema, name, list(values)), 0.0)

    def _term(self, name: str, value: str) -> Asked:
        return Asked.term_query(self._schema, name, value)


def _telling(terms: Terms) -> tuple[Sequence[str], Sequence[Compound]]:
    """Return the words and compounds that say something by themselves; all of them if none does."""
    words = [word for word in terms.words if not is_function_word(word)]
    compounds = [compound for compound in terms.compounds if not all(map(is_function_word, compound))]
    return (words, compounds) if words or compounds else (terms.words, terms.compounds)
