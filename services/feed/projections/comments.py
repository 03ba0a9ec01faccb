"""Comments, and how many of them each post has."""

from __future__ import annotations

from typing import Final

from samverka.feed.v1.feed_events_pb2 import CommentAdded, CommentDeleted
from services.chassis.envelope import Fact
from services.chassis.ids import region_of
from services.chassis.projection import Handlers, Refused
from services.chassis.store import Connection
from services.feed.projections.counting import count_reactions


def apply_comment_added(db: Connection, fact: Fact[CommentAdded]) -> None:
    comment = fact.payload
    if region_of(comment.comment_id) != fact.origin:
        raise Refused
    reactions = count_reactions(db, comment.comment_id)
    db.execute(
        "insert into comments values (?, ?, ?, ?, ?, ?, 0, ?) on conflict do nothing",
        (fact.sequence, comment.comment_id, comment.post_id, fact.actor, comment.body, fact.at_ms, reactions),
    )
    if not db.changes():
        raise Refused
    db.execute("update posts set comment_count = comment_count + 1 where id = ?", (comment.post_id,))


def apply_comment_deleted(db: Connection, fact: Fact[CommentDeleted]) -> None:
    """Keep nothing but that it was there."""
    deleted = db.execute(
        "update comments set body = '', deleted = 1 where id = ? and author = ? and deleted = 0 returning post_id",
        (fact.payload.comment_id, fact.actor),
    ).fetchone()
    if not deleted:
        raise Refused
    db.execute("update posts set comment_count = comment_count - 1 where id = ?", deleted)


HANDLERS: Final[Handlers] = {CommentAdded: apply_comment_added, CommentDeleted: apply_comment_deleted}
