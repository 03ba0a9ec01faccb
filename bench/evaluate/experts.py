"""Whether who is said to know a subject is who answers it later: a community up to a day, and the questions after it.

A question's title is what is asked. Right is who gave it an answer that came to a score of 1 or more, or was accepted, of
those who had answered before that day. Beside the service stand rankings that do not look at what is asked.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from bench.evaluate.community import Community
from bench.evaluate.events import of_community, person_of
from bench.evaluate.metrics import mean, ndcg
from bench.evaluate.serving import serving
from bench.report import Figure
from services.chassis.clock import ManualClock
from services.search.domain.expertise import decay
from services.search.domain.subjects import ABOUT_CHARACTERS_MAX

DEPTH = 10
KNOWN_SHARE = 0.7
"""Of all questions and answers, those that were written before the day."""

Gains: TypeAlias = Mapping[str, Mapping[str, float]]


async def find_experts(folder: Path, community: Community, *, name: str) -> list[Figure]:
    """Ask the service as it would have been on that day, and rank by simple counts what it knew then."""
    day_ms = day_of(community)
    gains = gains_of(community, day_ms)
    titles = {question.id: question.title for question in community.questions}
    async with serving(
        folder / f"{name}-experts", of_community(community, until_ms=day_ms), clock=ManualClock(day_ms)
    ) as asking:
        found = [
            ndcg(await asking.experts(titles[question][:ABOUT_CHARACTERS_MAX], first=DEPTH), right, depth=DEPTH)
            for question, right in gains.items()
        ]
    named = {f"{name}, experts: nDCG@{DEPTH}, {len(found)} questions": mean(found)}
    for ranking, scores in rankings_of(community, day_ms).items():
        order = sorted(scores, key=lambda person: (-scores[person], person))
        named[f"{name}, experts: by {ranking}"] = mean(ndcg(order, right, depth=DEPTH) for right in gains.values())
    return [Figure(label, value, "") for label, value in named.items()]


def together(communities: Mapping[str, Community]) -> Community:
    """Return one community of several, whose people stay apart."""
    parts = [_named(community, name) for name, community in communities.items()]
    return Community(
        people=[person for part in parts for person in part.people],
        questions=[question for part in parts for question in part.questions],
        answers=[answer for part in parts for answer in part.answers],
        votes=[vote for part in parts for vote in part.votes],
    )


def day_of(community: Community) -> int:
    """Return the time before which that share of everything was written, in milliseconds since 1970."""
    asked, answered = (each.at_ms for each in community.questions), (each.at_ms for each in community.answers)
    written = sorted([*asked, *answered])
    return written[int(len(written) * KNOWN_SHARE)]


def gains_of(community: Community, day_ms: int) -> Gains:
    """Return who answers each later question well, of those who had answered before."""
    known = {answer.author for answer in community.answers if answer.at_ms < day_ms} - {""}
    later = {question.id for question in community.questions if question.at_ms >= day_ms}
    gains: dict[str, dict[str, float]] = defaultdict(dict)
    for answer in community.answers:
        if answer.question in later and answer.author in known and (answer.score >= 1 or answer.accepted):
            gains[answer.question][person_of(answer.author)] = 1.0
    return gains


def rankings_of(community: Community, day_ms: int) -> dict[str, Mapping[str, float]]:
    """Return simple counts of what there was on that day, by person."""
    authors = {
        answer.id: person_of(answer.author) for answer in community.answers if answer.at_ms < day_ms and answer.author
    }
    votes = [vote for vote in community.votes if vote.at_ms < day_ms and vote.post in authors]
    decayed: dict[str, float] = defaultdict(float)
    for vote in votes:
        decayed[authors[vote.post]] += decay(vote.at_ms, day_ms)
    return {
        "number of answers": Counter(authors.values()),
        "number of votes": Counter(authors[vote.post] for vote in votes if not vote.accepted),
        "votes and acceptance, halved in 180 days": decayed,
    }


def _named(community: Community, name: str) -> Community:
    def key(identifier: str) -> str:
        return identifier and f"{name}-{identifier}"

    return Community(
        people=[replace(each, id=key(each.id)) for each in community.people],
        questions=[replace(each, id=key(each.id), author=key(each.author)) for each in community.questions],
        answers=[
            replace(each, id=key(each.id), question=key(each.question), author=key(each.author))
            for each in community.answers
        ],
        votes=[replace(each, id=key(each.id), post=key(each.post)) for each in community.votes],
    )
