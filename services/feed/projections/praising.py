"""Praise: a public recognition as a post of its giver, in the feed of who follows the giver or a receiver.

Everything that was given stands in ``praises``, as its giver's register says. What of it is shown follows from that, from
its badge, and from whether anybody who got it is known here; so whoever brings one of them looks for the others.
"""

from __future__ import annotations

import orjson

from samverka.feed.v1.feed_events_pb2 import POST_KIND_PRAISE
from services.chassis.awards import lets, praise_of
from services.chassis.marks import Marks, read_marks
from services.chassis.store import Connection
from services.feed.projections.counting import count_helpful, count_reactions
from services.feed.projections.listing import name_in_post
from services.feed.projections.settling import settle_post

_SHOWN = f"""
    withdrawn = 0 and private = 0 and (badge_id is null or {lets("praises")})
        and exists (select 1 from praised join people on people.id = person where praised.sequence = praises.sequence)
"""
_PUBLISH = """
    insert into posts (
        sequence, id, local, origin_sequence, author, group_id, kind, title, body, topics, chosen, created_at_ms,
        edited_at_ms, deleted, hidden, open, comment_count, answer_count, accepted, helpful_count, reactions
    )
    select sequence, ?2, 0, origin_sequence, giver, null, ?3, '', message, ?4, '', given_at_ms,
        0, 0, 0, 1, 0, 0, '', ?5, ?6
    from praises where sequence = ?1
    on conflict do nothing
"""


def settle_praise(db: Connection, sequence: int) -> None:
    """Show or hide a recognition as its badge, its giver and those whom it is for now have it."""
    row = db.execute(
        f"select id, {_SHOWN}, giver, origin, message from praises where sequence = ?", (sequence,)
    ).fetchone()
    if row is None:
        return
    post_id, shown, giver, origin, message = praise_of(str(row[0])), bool(row[1]), *map(str, row[2:])
    marks = read_marks(message, region=origin) if shown else Marks()
    if shown:
        topics = orjson.dumps(marks.topics).decode()
        helpful = count_helpful(db, post_id, giver, local=False)
        reactions = count_reactions(db, post_id, local=False)
        db.execute(_PUBLISH, (sequence, post_id, POST_KIND_PRAISE, topics, helpful, reactions))
    else:
        db.execute("delete from posts where sequence = ? and kind = ?", (sequence, POST_KIND_PRAISE))
    name_in_post(db, post_id, marks.mentions, sequence=sequence, local=False)
    settle_post(db, post_id, local=False)


def settle_praises_of(db: Connection, person: str) -> None:
    """Look anew at all that a person got, who has come or gone."""
    rows = db.execute("select sequence from praised where person = ?", (person,)).fetchall()
    for (sequence,) in rows:
        settle_praise(db, int(str(sequence)))


def erase_praises_by(db: Connection, person: str) -> None:
    """Remove what a person gave."""
    given = db.execute("delete from praises where giver = ? returning sequence", (person,)).fetchall()
    db.executemany("delete from praised where sequence = ?", given)
