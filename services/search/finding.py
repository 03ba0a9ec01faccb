"""What the store holds of answers and of people, by which it is told who knows something: what the viewer may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import orjson

from samverka.search.v1.search_views_pb2 import HIT_KIND_COMMENT, HIT_KIND_PERSON
from services.chassis.store import Connection
from services.chassis.working_week import Span
from services.search.domain.expertise import Answer, Gift

_ANSWERS = """
    select sequence, id, local, post_id, author, created_at_ms, accepted_at_ms from answers
    where sequence in (select value from json_each(?)) and audience in (select value from json_each(?))
"""
# Nobody's vote for what they wrote themselves counts: a region that lies can make such a one.
_VOTES = """
    select a.value ->> 0, h.at_ms from json_each(?) a
    join helpful h on h.target_id = a.value ->> 1 and h.local = a.value ->> 2 and h.person != a.value ->> 3
"""
_BELOW = f"""
    select c.sequence, q.sequence from json_each(?) asked
    join documents q on q.sequence = asked.value
    join documents c on c.post_id = q.id and c.local = q.local and c.kind = {HIT_KIND_COMMENT} and c.answer = 1
    where c.deleted = 0 order by asked.key, c.sequence limit ?
"""
_GIFTS = """
    select g.sequence, r.person, g.id, coalesce(g.badge_id, ''), coalesce(b.name, g.value), g.given_at_ms, g.message,
        g.value || coalesce(' ' || b.name || ' ' || b.criteria || ' ' || b.value, '')
    from (
        select sequence from (select sequence from gifts where counts = 1 order by sequence desc limit ?)
        union select value from json_each(?)
    ) looked_at
    join gifts g on g.sequence = looked_at.sequence and g.counts = 1
    join received r on r.sequence = g.sequence left join badges b on b.id = g.badge_id
    order by g.sequence desc
"""
_PEOPLE = f"""
    select d.id, d.called, d.title, p.time_zone, p.working_hours
    from documents d join people p on p.id = d.id
    where d.id in (select value from json_each(?)) and d.kind = {HIT_KIND_PERSON}
"""
_TITLES = """
    select id, title from findable
    where id in (select value from json_each(?)) and hit = 5 and audience in (select value from json_each(?))
"""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as they are shown, and when they work."""

    id: str
    handle: str
    name: str
    time_zone: str
    week: Sequence[Span]


def find_answers(
    db: Connection, fits: Mapping[int, float], latest: Collection[int], audiences: Sequence[str]
) -> list[Answer]:
    """Return answers by their sequences, of those that the viewer may see; ``fits`` says how well each fits."""
    sequences = _json(list({*fits, *latest}))
    rows = db.execute(_ANSWERS, (sequences, _json(audiences))).fetchall()
    votes: dict[int, list[int]] = defaultdict(list)
    keys = [(sequence, answer_id, local, author) for sequence, answer_id, local, _, author, *_ in rows]
    for sequence, at_ms in db.execute(_VOTES, (_json(keys),)):
        votes[int(str(sequence))].append(int(str(at_ms)))
    return [
        Answer(
            id=str(answer_id),
            post_id=str(post_id),
            author=str(author),
            written_ms=int(str(written_ms)),
            helped_ms=votes.get(int(str(sequence)), ()),
            accepted_ms=None if accepted_ms is None else int(str(accepted_ms)),
            fit=fits.get(int(str(sequence)), 0.0),
            recent=sequence in latest,
        )
        for sequence, answer_id, _, post_id, author, written_ms, accepted_ms in rows
    ]


def find_below(db: Connection, questions: Sequence[int], *, most: int) -> list[tuple[int, int]]:
    """Return the answers below questions, all by their sequences, in the order of ``questions``: answer and question."""
    rows = db.execute(_BELOW, (_json(questions), most))
    return [(int(str(answer)), int(str(question))) for answer, question in rows]


def find_gifts(
    db: Connection, sequences: Collection[int], fit_of: Callable[[str], float], *, latest_most: int
) -> list[Gift]:
    """Return who got public recognition, of that with these sequences and the latest, where ``fit_of`` its words is not 0.

    What was written with it counts with these sequences alone, the value and the badge always. The latest comes first.
    """
    fit_of, said, gifts = cache(fit_of), frozenset(sequences), []
    rows = db.execute(_GIFTS, (latest_most, _json(list(sequences))))
    for sequence, person, gift, badge_id, name, given_ms, message, kind in rows:
        fit = fit_of(f"{message} {kind}" if sequence in said else str(kind))
        if fit:
            gifts.append(Gift(str(gift), str(person), str(badge_id), str(name), int(str(given_ms)), fit))
    return gifts


def find_people(db: Connection, ids: Collection[str]) -> dict[str, Person]:
    """Return the people that are known here; nobody is who has been erased."""
    rows = db.execute(_PEOPLE, (_json(list(ids)),))
    return {
        str(person): Person(
            id=str(person),
            handle=str(handle),
            name=str(name),
            time_zone=str(time_zone),
            week=[(day, start, end) for day, start, end in orjson.loads(str(week))],
        )
        for person, handle, name, time_zone, week in rows
    }


def find_titles(db: Connection, posts: Iterable[str], audiences: Sequence[str]) -> dict[str, str]:
    """Return what questions ask, of those that the viewer may see."""
    rows = db.execute(_TITLES, (_json(list(posts)), _json(audiences)))
    return {str(post_id): str(title) for post_id, title in rows}


def _json(values: Sequence[object]) -> str:
    return orjson.dumps(values).decode()
