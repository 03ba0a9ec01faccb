"""Praise: a public recognition as a document, found like a post of its giver as long as the feed shows it.

It is shown as long as it counts and anybody who got it is known here; so whoever brings or takes one of them looks for the
others.
"""

from __future__ import annotations

from samverka.search.v1.search_views_pb2 import HIT_KIND_POST
from services.chassis.awards import praise_of
from services.chassis.store import Connection
from services.search.projections.writing import remove, touch_below

_SHOWN = """
    counts = 1 and exists (select 1 from received r join people p on p.id = r.person where r.sequence = gifts.sequence)
"""
_ADD = f"""
    insert into documents (
        sequence, origin_sequence, kind, id, local, author, group_id, post_id, question, answer, praise, called, title, body,
        created_at_ms, deleted, changed
    )
    select sequence, 0, {HIT_KIND_POST}, ?2, 0, giver, null, null, 0, 0, 1, '', '', message, given_at_ms, 0, ?3
    from gifts where sequence = ?1
    on conflict do nothing
"""


def settle_praise(db: Connection, sequence: int, *, now: int) -> None:
    """Let a recognition be found, or no more, as its badge, its giver and those whom it is for now have it."""
    row = db.execute(f"select id, {_SHOWN} from gifts where sequence = ?", (sequence,)).fetchone()
    if row is None:
        return
    post_id, shown = praise_of(str(row[0])), bool(row[1])
    if shown:
        db.execute(_ADD, (sequence, post_id, now))
    else:
        db.execute("delete from documents where sequence = ? and praise = 1", (sequence,))
    if not db.changes():
        return
    if not shown:
        remove(db, sequence, now=now)
    touch_below(db, post_id, now, local=False)


def settle_praises_of(db: Connection, person: str, *, now: int) -> None:
    """Look anew at all that a person got, who has come or gone."""
    rows = db.execute("select sequence from received where person = ?", (person,)).fetchall()
    for (sequence,) in rows:
        settle_praise(db, int(str(sequence)), now=now)
