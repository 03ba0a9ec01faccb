"""Comments, some of which are answers. A comment hangs below a post of its own reach, and below no other."""

from __future__ import annotations

from typing import Final

from samverka.feed.v1.feed_events_pb2 import CommentAdded, CommentDeleted
from services.chassis.envelope import Fact
from services.chassis.ids import region_of
from services.chassis.marks import read_marks
from services.chassis.projection import Handlers, Refused
from services.chassis.store import Connection
from services.feed.projections.counting import count_helpful, count_reactions
from services.feed.projections.hiding import hide_comment
from services.feed.projections.listing import name_in_comment
from services.feed.projections.settling import settle_post

_ADD = """
    insert into comments values (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?) on conflict do nothing
"""


def apply_comment_added(db: Connection, fact: Fact[CommentAdded]) -> None:
    comment = fact.payload
    if region_of(comment.comment_id) != fact.origin:
        raise Refused
    row = (
        fact.sequence,
        comment.comment_id,
        fact.local,
        fact.origin_sequence,
        comment.post_id,
        fact.actor,
        comment.body,
        comment.answer,
        fact.at_ms,
        count_helpful(db, comment.comment_id, fact.actor, local=fact.local),
        count_reactions(db, comment.comment_id, local=fact.local),
    )
    db.execute(_ADD, row)
    if not db.changes():
        raise Refused
    named = read_marks(comment.body, region=fact.origin).mentions
    if named:
        name_in_comment(db, comment.comment_id, comment.post_id, named, sequence=fact.sequence, local=fact.local)
    above = "select group_id from posts where id = ? and local = ?"
    found = db.execute(above, (comment.post_id, fact.local)).fetchone()
    if found is not None and found[0] is not None:
        hide_comment(db, comment.comment_id, local=fact.local)
    else:
        _settle(db, comment.post_id, 1, more=comment.answer or bool(named), local=fact.local)


def apply_comment_deleted(db: Connection, fact: Fact[CommentDeleted]) -> None:
    """Keep nothing but that it was there."""
    written = (fact.payload.comment_id, fact.local, fact.actor)
    of_theirs = "id = ? and local = ? and author = ? and deleted = 0"
    found = db.execute(f"select post_id, hidden, answer from comments where {of_theirs}", written).fetchone()
    if found is None:
        raise Refused
    db.execute(f"update comments set body = '', deleted = 1, hidden = 0 where {of_theirs}", written)
    post_id, hidden, answer = found
    name_in_comment(db, fact.payload.comment_id, str(post_id), (), sequence=0, local=fact.local)
    _settle(db, str(post_id), -(not hidden), more=bool(answer), local=fact.local)


def _settle(db: Connection, post_id: str, change: int, *, more: bool, local: bool) -> None:
    """Count what is shown: a comment that changes no ``more``, an answer or a mention, is not worth counting all anew."""
    if more:
        settle_post(db, post_id, local=local)
        return
    db.execute(
        "update posts set comment_count = comment_count + ? where id = ? and local = ?", (change, post_id, local)
    )


HANDLERS: Final[Handlers] = {CommentAdded: apply_comment_added, CommentDeleted: apply_comment_deleted}
