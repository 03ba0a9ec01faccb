"""What somebody wants to know who knows it: words or a sentence, as it is typed in a meeting."""

from __future__ import annotations

from services.chassis.errors import Invalid
from services.chassis.text import parse_text
from services.search.domain.query import TERMS_MAX, Query, Terms
from services.search.domain.words import words_of

ABOUT_CHARACTERS_MAX = 200
"""As long as a question's title."""
EXPERTS_DEFAULT = 5
EXPERTS_MAX = 50


def parse_about(text: str) -> Query:
    """Return the query for a subject, one word of which is enough. Raises Invalid."""
    parsed = parse_text(text, field="about", characters_max=ABOUT_CHARACTERS_MAX, lines=False)
    said = list(dict.fromkeys(words for piece in parsed.split() if (words := tuple(words_of(piece)))))
    if not said:
        raise Invalid("Type a letter or a digit.", code="nothing_to_find", field="about")
    if len(said) > TERMS_MAX:
        raise Invalid(f"A subject has at most {TERMS_MAX} words.", code="too_many_terms", field="about")
    terms = Terms(
        words=tuple(piece[0] for piece in said if len(piece) == 1),
        compounds=tuple(piece for piece in said if len(piece) > 1),
    )
    return Query(terms, any_word=True)


def parse_experts(first: int) -> int:
    """Return how many experts are asked for; 0 is the default number. Raises Invalid."""
    if not 0 <= first <= EXPERTS_MAX:
        raise Invalid(f"1 to {EXPERTS_MAX} experts can be asked for.", code="page_size", field="first")
    return first or EXPERTS_DEFAULT
