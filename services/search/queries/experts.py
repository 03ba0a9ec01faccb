"""Who knows a subject, by what the viewer may see, why, and who of them works now.

Looked at are the answers that fit the subject best, by themselves or by their question, the profiles and the public
recognition that do, the latest recognition, and the latest answers: so many of each, whatever there is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Final, NamedTuple

from samverka.search.v1.search_views_pb2 import (
    HIT_KIND_ANSWER,
    HIT_KIND_PERSON,
    HIT_KIND_PRAISE,
    HIT_KIND_QUESTION,
    Expert,
)
from services.chassis.ids import region_of
from services.chassis.store import Connection
from services.search.domain.expertise import Answer, Gift, Knowledge, best_of, weigh
from services.search.domain.query import Query
from services.search.domain.snippets import Part, snippet_of
from services.search.domain.words import words_of
from services.search.finding import Person, find_answers, find_below, find_gifts, find_people, find_titles
from services.search.index.keeping import SearchIndex
from services.search.index.matching import Matching
from services.search.presence import Presence, presence_of
from services.search.standing import Viewer, audiences_of
from services.search.views import found_rows

ANSWERS_MAX: Final = 200
"""Answers that are looked at on the subject; three times as many where whoever does not work now is passed over."""
QUESTIONS_MAX: Final = 100
SKILLS_MAX: Final = 20
LATEST_MAX: Final = 200
GIFTS_MAX: Final = 100
"""Of recognition, whose words fit the subject best."""
LATEST_GIFTS_MAX: Final = 200
"""Of the latest recognition, what is looked at for the subject in its value, and its badge's name and criteria."""
_AWAKE_TIMES: Final = 3
_PEOPLE_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for; ``awake_now``: only who is known to work now."""

    subject: Query
    awake_now: bool
    first: int


class _Skill(NamedTuple):
    fit: float
    snippet: Sequence[Part]


class _Chosen(NamedTuple):
    person: Person
    knowledge: Knowledge
    presence: Presence


def find_experts(db: Connection, asked: Asked, *, viewer: Viewer, index: SearchIndex, now_ms: int) -> list[Expert]:
    """Return who knows it best first; last, who is not known to know it, and has answered much of late."""
    audiences = audiences_of(db, viewer)
    matching = index.matching(audiences)
    fits = _fits(db, matching, asked.subject, most=ANSWERS_MAX * (_AWAKE_TIMES if asked.awake_now else 1))
    latest = frozenset(matching.latest(kind=str(HIT_KIND_ANSWER), most=LATEST_MAX))
    skills = _skills(db, matching, asked.subject, audiences)
    answers = find_answers(db, fits, latest, audiences)
    gifts = _gifts(db, matching, asked.subject)
    known = weigh(answers, {person: skill.fit for person, skill in skills.items()}, gifts, now_ms=now_ms)
    chosen = list(islice(_in_order(db, known, awake_now=asked.awake_now, now_ms=now_ms), asked.first))
    best = {each.person.id: best_of(each.knowledge.answers, now_ms=now_ms) for each in chosen if each.knowledge.answers}
    titles = find_titles(db, [answer.post_id for answer in best.values()], audiences)
    return [_expert(each, skills.get(each.person.id), best.get(each.person.id), titles) for each in chosen]


def _fits(db: Connection, matching: Matching, subject: Query, *, most: int) -> dict[int, float]:
    """Return how well answers fit the subject, by their sequences: of each what it and its question score, the best 1."""
    answers = matching.match(subject, [("kind", [str(HIT_KIND_ANSWER)])], [])
    questions = matching.match(subject, [("kind", [str(HIT_KIND_QUESTION)])], [])
    scores = defaultdict(float, matching.scored(answers, most))
    asked = dict(matching.scored(questions, QUESTIONS_MAX))
    for answer, question in find_below(db, list(asked), most=most):
        scores[answer] += asked[question]
    best = sorted(scores, key=lambda answer: (-scores[answer], answer))[:most]
    return {answer: scores[answer] / scores[best[0]] for answer in best}


def _skills(db: Connection, matching: Matching, subject: Query, audiences: Sequence[str]) -> dict[str, _Skill]:
    """Return whose profile is about the subject, by what they say of themselves and not by their name; the best: 1."""
    matched = matching.match(subject, [("kind", [str(HIT_KIND_PERSON)])], [])
    scores, marks = dict(matching.scored(matched, SKILLS_MAX)), cache(matched.marks)
    rows = found_rows(db, list(scores), audiences)
    snippets = {sequence: snippet_of(row[4], marks) for sequence, row in rows.items()}
    told = [sequence for sequence, parts in snippets.items() if any(part.matched for part in parts)]
    best = max((scores[sequence] for sequence in told), default=1.0)
    return {str(rows[sequence][5]): _Skill(scores[sequence] / best, snippets[sequence]) for sequence in told}


def _gifts(db: Connection, matching: Matching, subject: Query) -> list[Gift]:
    """Return recognition that is about the subject; what share of its words are in it says how well it fits."""
    matched = matching.match(subject, [("kind", [str(HIT_KIND_PRAISE)])], [])
    marks = cache(matched.marks)
    terms = len(subject.wanted.words) + len(subject.wanted.compounds)

    def fit_of(text: str) -> float:
        return min(1.0, len({word for word in words_of(text) if marks(word)}) / terms)

    best = [sequence for sequence, _ in matching.scored(matched, GIFTS_MAX)]
    return find_gifts(db, best, fit_of, latest_most=LATEST_GIFTS_MAX)


def _in_order(db: Connection, known: Mapping[str, Knowledge], *, awake_now: bool, now_ms: int) -> Iterator[_Chosen]:
    """Yield those who are known here, and awake if they have to be, the best first."""
    ordered = sorted(known, key=lambda person: (known[person].rank(), person), reverse=True)
    for begin in range(0, len(ordered), _PEOPLE_AT_ONCE):
        ids = ordered[begin : begin + _PEOPLE_AT_ONCE]
        people = find_people(db, ids)
        for person in (people[person_id] for person_id in ids if person_id in people):
            presence = presence_of(person.time_zone, person.week, now_ms=now_ms)
            if presence.at_work or not awake_now:
                yield _Chosen(person, known[person.id], presence)


def _expert(chosen: _Chosen, skill: _Skill | None, best: Answer | None, titles: Mapping[str, str]) -> Expert:
    person, knowledge, presence = chosen
    expert = Expert(
        recent_answer_count=knowledge.recent, at_work=presence.at_work, next_at_work_ms=presence.next_ms or 0
    )
    expert.person.id, expert.person.handle, expert.person.name = person.id, person.handle, person.name
    expert.person.region = region_of(person.id)
    for text, matched in skill.snippet if skill else ():
        expert.skill.add(text=text, matched=matched)
    if best is not None:
        answers = expert.answers
        answers.count = len(knowledge.answers)
        answers.accepted_count = sum(answer.accepted_ms is not None for answer in knowledge.answers)
        answers.helpful_count = sum(len(answer.helped_ms) for answer in knowledge.answers)
        answers.best_id, answers.post_id, answers.title = best.id, best.post_id, titles.get(best.post_id, "")
        answers.latest_at_ms = max(answer.written_ms for answer in knowledge.answers)
    _fill_recognitions(expert, knowledge.gifts)
    return expert


def _fill_recognitions(expert: Expert, gifts: Sequence[Gift]) -> None:
    """Fill in what was given by badge and value, the most first; of each the latest, as ``gifts`` are."""
    latest = {(gift.badge_id, gift.name): gift for gift in reversed(gifts)}
    counts = Counter((gift.badge_id, gift.name) for gift in gifts)
    for badge_id, name in sorted(counts, key=lambda kind: (-counts[kind], kind)):
        kind = badge_id, name
        expert.recognitions.add(badge_id=badge_id, name=name, count=counts[kind], latest_id=latest[kind].id)
