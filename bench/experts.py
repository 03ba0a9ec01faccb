"""Experts alone: twenty thousand questions with four answers each, votes and recognition, asked for as the service does."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Final

from bench.reading import timed
from bench.report import Figure
from bench.workload import REGION, WORDS
from samverka.search.v1.search_views_pb2 import HIT_KIND_COMMENT, HIT_KIND_PERSON, HIT_KIND_POST, Expert
from services.chassis.clock import SystemClock
from services.chassis.ids import derive
from services.chassis.projection.progress import CHASSIS_SCHEMA
from services.chassis.store import Connection, Store, open_store
from services.search.domain.subjects import parse_about
from services.search.index.keeping import SearchIndex, open_index
from services.search.projections import search_projection
from services.search.queries.experts import Asked, find_experts
from services.search.standing import Viewer

PEOPLE = 2_000
ANSWERS_OF_QUESTION = 4
SUBJECTS: Final = {
    "a common word": "w0",
    "a word of a thousandth": "w180",
    "a rare word": "w20000",
    "a sentence": "who knows w1 and w50 with w400",
}
_GIFTS_PART = 10
"""Recognition: one for as many answers."""
_WORDS = 30_000
_WORDS_OF_TEXT = 40
_DAY_MS = 24 * 3600 * 1000
_BEGIN_MS = 1_700_000_000_000
_SPAN_MS = 365 * _DAY_MS
_TIMES = 100


async def measure(folder: Path, *, questions: int) -> list[Figure]:
    """Return what it takes to find experts among the answers to so many questions."""
    store = open_store(folder / "experts.sqlite", CHASSIS_SCHEMA + search_projection().schema)
    try:
        with open_index(store) as index:
            await store.transaction(lambda db: _fill(db, questions))
            await index.follow()
            figures = []
            for name, about in SUBJECTS.items():
                for awake in (False, True):
                    title = f"experts on {name}{', of those at work' if awake else ''}"
                    figures += await _asked(title, store, index, about, awake=awake)
            return figures
    finally:
        await store.close()


async def _asked(name: str, store: Store, index: SearchIndex, about: str, *, awake: bool) -> list[Figure]:
    viewer, asked = Viewer(_person(0), REGION), Asked(parse_about(about), awake_now=awake, first=5)

    def ask(db: Connection) -> list[Expert]:
        return find_experts(db, asked, viewer=viewer, index=index, now_ms=_BEGIN_MS + _SPAN_MS)

    if not await store.read(ask):
        raise RuntimeError(f"nobody is found: {name}")
    return await timed(name, store, ask, SystemClock(), times=_TIMES)


def _fill(db: Connection, questions: int) -> None:
    chance = random.Random(1)
    for number in range(PEOPLE):
        _add(db, HIT_KIND_PERSON, _person(number), _person(number), text=_text(chance), called=f"person-{number}")
        hours = "[" + ",".join(f"[{day},480,1020]" for day in range(1, 6)) + "]"
        zone = chance.choice(("Europe/Stockholm", "Asia/Tokyo", "America/Chicago"))
        db.execute("insert into people values (?, ?, ?)", (_person(number), zone, hours))
    for number in range(questions):
        at_ms = _BEGIN_MS + _SPAN_MS * number // questions
        post_id, asker = derive(REGION, "question", str(number)), _person(chance.randrange(PEOPLE))
        _add(db, HIT_KIND_POST, post_id, asker, text=_text(chance), title=_text(chance, 8), at_ms=at_ms, question=True)
        answers = [derive(REGION, "answer", f"{number}-{nth}") for nth in range(ANSWERS_OF_QUESTION)]
        for answer in answers:
            # A fifth of the people write four fifths of the answers.
            author = _person(int(PEOPLE * chance.random() ** 3))
            _add(db, HIT_KIND_COMMENT, answer, author, text=_text(chance), at_ms=at_ms, post_id=post_id)
            for voter in chance.sample(range(PEOPLE), chance.randrange(4)):
                db.execute("insert into helpful values (?, 0, ?, ?)", (answer, _person(voter), at_ms))
            if chance.randrange(_GIFTS_PART) == 0:
                _give(db, author, giver=asker, text=_text(chance), at_ms=at_ms)
        if number % 2:
            db.execute("insert into acceptances values (?, 0, ?, ?, ?)", (post_id, asker, answers[0], at_ms))
    db.execute("update position set sequence = (select max(sequence) from documents)")


def _add(
    db: Connection,
    kind: int,
    document_id: str,
    author: str,
    *,
    text: str,
    title: str = "",
    called: str = "",
    at_ms: int = 0,
    post_id: str | None = None,
    question: bool = False,
    praise: bool = False,
) -> int:
    row = db.execute(
        """
        insert into documents
        select n, n, ?1, ?2, 0, ?3, null, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0, n
        from (select coalesce(max(sequence), 0) + 1 as n from documents) returning sequence
        """,
        (kind, document_id, author, post_id, question, post_id is not None, praise, called, title, text, at_ms),
    ).fetchone()
    return int(str(row[0])) if row else 0


def _give(db: Connection, receiver: str, *, giver: str, text: str, at_ms: int) -> None:
    gift = derive(REGION, "gift", receiver, text)
    sequence = _add(db, HIT_KIND_POST, derive(REGION, "praise", gift), giver, text=text, at_ms=at_ms, praise=True)
    row = (sequence, gift, REGION, giver, "[]", None, text, "Care", 0, at_ms, 0, 0, 0, 1)
    db.execute("insert into gifts values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    db.execute("insert into received values (?, ?)", (receiver, sequence))


def _text(chance: random.Random, words: int = _WORDS_OF_TEXT) -> str:
    """Return words of which few are frequent and most are rare, among ordinary ones."""
    told = [f"w{int(_WORDS ** chance.random()) - 1}" for _ in range(words)]
    return " ".join([*told[:-1], chance.choice(WORDS)])


def _person(number: int) -> str:
    return derive(REGION, "person", str(number))
