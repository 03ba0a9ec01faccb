"""Whether search finds what it should: documents that were judged, and the answers of a question by its title."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from bench.evaluate.community import Community
from bench.evaluate.events import id_of, of_community, of_documents
from bench.evaluate.judged import Collection
from bench.evaluate.metrics import average_precision, mean, ndcg
from bench.evaluate.serving import Asking, serving
from bench.report import Figure
from services.chassis.clock import SystemClock

DEPTH = 10
PRECISION_DEPTH = 100
"""Of the ranking that average precision is taken over: a page of the largest size."""
_FOREVER_MS = 2**62

Gains = Mapping[str, float]


async def find_documents(folder: Path, collection: Collection, *, name: str) -> list[Figure]:
    """Ask all queries that have judgements."""
    asked = [
        (query.text, {id_of("document", document): gain for document, gain in gains.items()})
        for query in collection.queries
        if (gains := collection.gains.get(query.id))
    ]
    async with serving(folder / name, of_documents(collection.documents), clock=SystemClock()) as asking:
        return await _ask(asking, asked, kind="question", name=name)


async def find_answers(folder: Path, community: Community, *, name: str) -> list[Figure]:
    """Ask the title of each question that has answers, and look for those."""
    answers: dict[str, dict[str, float]] = defaultdict(dict)
    for answer in community.answers:
        answers[answer.question][id_of("post", answer.id)] = 1.0
    asked = [(question.title, answers[question.id]) for question in community.questions if question.id in answers]
    events = of_community(community, until_ms=_FOREVER_MS)
    async with serving(folder / name, events, clock=SystemClock()) as asking:
        return await _ask(asking, asked, kind="answer", name=f"{name}, answers by title")


async def _ask(asking: Asking, asked: Iterable[tuple[str, Gains]], *, kind: str, name: str) -> list[Figure]:
    graded, precise = [], []
    for text, gains in asked:
        ranking = await asking.search(text, kind=kind, first=PRECISION_DEPTH)
        graded.append(ndcg(ranking, gains, depth=DEPTH))
        precise.append(average_precision(ranking, gains))
    return [
        Figure(f"{name}: nDCG@{DEPTH}, {len(graded)} queries", mean(graded), ""),
        Figure(f"{name}: MAP of the first {PRECISION_DEPTH}", mean(precise), ""),
    ]
