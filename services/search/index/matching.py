"""What a query finds for its viewer: outside, where everybody does, and inside the viewer's private groups, taken together.

The queries are made by ``asking``. Whatever is asked of the index for somebody, also whether a word is rare and may then be
a typo, is asked of what they may find.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import Any, Final

from tantivy import FieldType, Occur, Schema, Searcher
from tantivy import Query as Asked

from services.search.domain.languages import is_function_word
from services.search.domain.query import Query, Terms
from services.search.domain.sides import EVERYBODY, Side
from services.search.domain.typos import TYPO_CHARACTERS_MIN, within_one_typo
from services.search.domain.words import fold
from services.search.index.asking import Asking, Compound, Filters, Telling
from services.search.index.stemming import forms_of

RARE_HITS_MAX: Final = 2
"""A word that is found so seldom may be a typo of another."""
TOPICS_LOOKED_AT_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Matched:
    """A query of each side of the index, and what in a text is the reason that it matches."""

    asked: Sequence[Asked]
    ranked: bool
    _forms: frozenset[str] = frozenset()
    _exact: frozenset[str] = frozenset()
    _typos: frozenset[str] = field(default=frozenset())

    def marks(self, word: str) -> bool:
        """Whether a word of a text, in lower case, is one that was looked for."""
        forms, folded = forms_of(word), fold(word)
        if not self._forms.isdisjoint(forms) or folded in self._exact:
            return True
        return bool(self._typos) and any(
            within_one_typo(meant, typed) for typed in self._typos for meant in (folded, *forms)
        )


@dataclass(frozen=True, slots=True)
class Best:
    """The sequences of the best, and how much there is to be found with them."""

    sequences: list[int]
    count: int


class Matching:
    """What one viewer finds in one view of the index."""

    def __init__(self, schema: Schema, searcher: Searcher, audiences: Sequence[str], *, threads: Executor) -> None:
        self._schema = schema
        self._searcher = searcher
        self._threads = threads
        self._telling = Telling(searcher)
        inside = [audience for audience in audiences if audience != EVERYBODY]
        sides = [Side.OUTSIDE, *([Side.INSIDE] if inside else [])]
        self._sides = {side: Asking(schema, side, self._telling, inside) for side in sides}

    def match(self, query: Query, filters: Filters, exclusions: Filters) -> Matched:
        """Return what to ask the index for, to find what ``query`` says with these values of its filters."""
        wanted = query.wanted
        words, compounds = _telling(wanted)
        typos = {word for word in words if self._may_be_typo(word)}
        asked = [side.match(query, words, typos, compounds, filters, exclusions) for side in self._sides.values()]
        return Matched(
            asked=asked,
            ranked=bool(words or compounds or wanted.phrases),
            _forms=frozenset().union(*map(forms_of, (*words, *chain.from_iterable(compounds)))),
            _exact=frozenset(fold(word) for phrase in wanted.phrases for word in phrase),
            _typos=frozenset(
                meant for word in typos if len(word) >= TYPO_CHARACTERS_MIN for meant in (word, fold(word))
            ),
        )

    def best(self, matched: Matched, most: int, *, shown: Sequence[int], arrived_until: int) -> Best:
        """Return the best that were not shown and had arrived, or the latest if none is better; the shown are counted."""
        asked = [self._without(each, shown, arrived_until) for each in matched.asked] if shown else matched.asked
        found, count = self._search(asked, most, order=None if matched.ranked else "sequence")
        return Best(found, len(shown) + count)

    def scored(self, matched: Matched, most: int) -> list[tuple[int, float]]:
        """Return the sequences of the best, and how well each of them matches."""
        return self._scored(matched.asked, most, count=False)[0]

    def latest(self, *, kind: str, most: int) -> list[int]:
        """Return the sequences of those of a kind that arrived last."""
        asked = self.match(Query(), [("kind", [kind])], []).asked
        return [sequence for sequence, _ in self._scored(asked, most, order="sequence", count=False)[0]]

    def named(self, beginnings: Collection[str], *, kind: str, most: int) -> list[int]:
        """Return the sequences of those of a kind in whose name each of ``beginnings``, folded, begins a word."""
        return self._search([side.named(beginnings, kind) for side in self._sides.values()], most)[0]

    def topics(self, beginning: str, *, most: int) -> list[str]:
        """Return topics that begin so, the most used among what the viewer may see first."""
        used: Counter[str] = Counter()
        for mark, side in self._sides.items():
            found = self._searcher.terms_with_prefix(
                "topics", mark.mark(beginning.lower()), side.everything(), TOPICS_LOOKED_AT_MAX
            )
            used.update({topic.removeprefix(mark): count for topic, count in found})
        return sorted(used, key=lambda topic: (-used[topic], topic))[:most]

    def _search(self, asked: Iterable[Asked], most: int, *, order: str | None = None) -> tuple[list[int], int]:
        """Return the sequences of the best of all sides, and how many there are."""
        best, count = self._scored(asked, most, order=order)
        return [sequence for sequence, _ in best], count

    def _scored(
        self, asked: Iterable[Asked], most: int, *, order: str | None = None, count: bool = True
    ) -> tuple[list[tuple[int, float]], int]:
        """Look on all sides at once: one goes on in this thread, and Tantivy holds no other up."""
        look = partial(self._side, most=most, order=order, count=count)
        first, *others = asked
        begun = [self._threads.submit(look, each) for each in others]
        best, total = look(first)
        for hits, more in (each.result() for each in begun):
            best, total = best + hits, total + more
        return [(sequence, -score) for score, sequence in sorted(best)[:most]], total

    def _side(self, asked: Asked, *, most: int, order: str | None, count: bool) -> tuple[list[tuple[float, int]], int]:
        result: Any = self._searcher.search(
            asked, most, count=count, order_by_field=order
        )  # its stubs forget the count
        found = self._searcher.fast_field_values("sequence", [address for _, address in result.hits])
        hits = [(-score, int(str(number))) for (score, _), number in zip(result.hits, found, strict=True)]
        return hits, result.count or 0

    def _without(self, asked: Asked, shown: Sequence[int], arrived_until: int) -> Asked:
        later = Asked.range_query(
            self._schema, "sequence", FieldType.Integer, lower_bound=arrived_until, include_lower=False
        )
        seen = Asked.term_set_query(self._schema, "sequence", shown)
        return Asked.boolean_query([(Occur.Must, asked), (Occur.MustNot, later), (Occur.MustNot, seen)])

    def _may_be_typo(self, word: str) -> bool:
        """Whether a word is rare. That one is not is mostly told by how often it stands outside, without a search."""
        certain = RARE_HITS_MAX + self._telling.deleted
        if any(self._telling.having(Side.OUTSIDE, "body", form) > certain for form in forms_of(word)):
            return False
        return self._search([side.word(word) for side in self._sides.values()], 1)[1] <= RARE_HITS_MAX


def _telling(terms: Terms) -> tuple[Sequence[str], Sequence[Compound]]:
    """Return the words and compounds that say something by themselves; all of them if none does."""
    words = [word for word in terms.words if not is_function_word(word)]
    compounds = [compound for compound in terms.compounds if not all(map(is_function_word, compound))]
    return (words, compounds) if words or compounds else (terms.words, terms.compounds)
