"""Who knows a subject: what answers, profiles and recognition are worth on it, and in which order that puts people.

Half of what something is worth is gone after 180 days: of an answer from when it was written, of a vote and an acceptance
from when it was given, so what still helps still counts. docs/relevance.md says what the weights were tried on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import log2

HALF_LIFE_DAYS = 180
ANSWER_WEIGHT = 4.0
"""What a new answer is worth before it has helped anybody; fifteen new votes are worth as much."""
SKILL_WEIGHT = 4.0
"""What the profile that fits best is worth: as much as the answer that fits best, while that is new."""
RECOGNITION_WEIGHT = 4.0
"""What recognition is worth that is about all of the subject, while it is new."""
_HALF_LIFE_MS = HALF_LIFE_DAYS * 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, and when it was written, helped others, and was accepted by somebody else (None: never).

    ``fit`` says how well it fits the subject: 0, not at all, to 1, as nothing does better; ``recent``, that it is one of the
    latest of all. Times are milliseconds since 1970.
    """

    id: str
    post_id: str
    author: str
    written_ms: int
    helped_ms: Sequence[int] = ()
    accepted_ms: int | None = None
    fit: float = 0.0
    recent: bool = False


@dataclass(frozen=True, slots=True)
class Gift:
    """Public recognition; ``fit`` as of an answer. Of thanks, ``badge_id`` is empty and ``name`` the company's value."""

    id: str
    receiver: str
    badge_id: str
    name: str
    given_ms: int
    fit: float


@dataclass(slots=True)
class Knowledge:
    """What there is of one person: answers on the subject, and what these are worth; how well their profile fits; what all
    their answers are worth, on whatever.
    """

    answers: list[Answer] = field(default_factory=list)
    on_subject: float = 0.0
    skill: float = 0.0
    gifts: list[Gift] = field(default_factory=list)
    recognised: float = 0.0
    activity: float = 0.0
    recent: int = 0

    def rank(self) -> tuple[float, float]:
        """Return what people are ordered by: what they know of it, the more so the more they answer; else that alone."""
        known = self.on_subject + SKILL_WEIGHT * self.skill + RECOGNITION_WEIGHT * self.recognised
        return known * (1 + self.activity), self.activity


def weigh(
    answers: Iterable[Answer], skills: Mapping[str, float], gifts: Iterable[Gift] = (), *, now_ms: int
) -> dict[str, Knowledge]:
    """Return what is known of each author of an answer, each person with a skill, and each who got one of ``gifts``."""
    people: dict[str, Knowledge] = {person: Knowledge(skill=fit) for person, fit in skills.items()}
    for answer in answers:
        knowledge = people.setdefault(answer.author, Knowledge())
        worth = worth_of(answer, now_ms=now_ms)
        knowledge.activity += worth
        knowledge.recent += answer.recent
        if answer.fit:
            knowledge.on_subject += answer.fit * worth
            knowledge.answers.append(answer)
    for gift in gifts:
        knowledge = people.setdefault(gift.receiver, Knowledge())
        knowledge.recognised += gift.fit * decay(gift.given_ms, now_ms)
        knowledge.gifts.append(gift)
    return people


def worth_of(answer: Answer, *, now_ms: int) -> float:
    """Return what an answer is worth now, on whatever subject."""
    given = [*answer.helped_ms, *([] if answer.accepted_ms is None else [answer.accepted_ms])]
    return ANSWER_WEIGHT * decay(answer.written_ms, now_ms) + log2(1 + sum(decay(at_ms, now_ms) for at_ms in given))


def decay(at_ms: int, now_ms: int) -> float:
    """Return what is left of 1 from then; a time that has not come is now, for a region's clock may be ahead of ours."""
    return float(0.5 ** (max(0, now_ms - at_ms) / _HALF_LIFE_MS))


def best_of(answers: Iterable[Answer], *, now_ms: int) -> Answer:
    """Return the answer that speaks most for its author."""
    return max(answers, key=lambda answer: (answer.fit * worth_of(answer, now_ms=now_ms), answer.id))
