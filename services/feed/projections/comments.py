"""Comments, and how many of them each post has. A comment hangs below a post of its own reach, and below no other."""

from __future__ import annotations

from typing import Final

from samverka.feed.v1.feed_events_pb2 import CommentAdded, CommentDeleted
from services.chassis.envelope import Fact
from services.chassis.ids import region_of
from services.chassis.projection import Handlers, Refused
from services.chassis.store import Connection
from services.feed.projections.counting import count_reactions
from services.feed.projections.hiding import hidden_comment

_ADD = f"""
    insert into comments
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, {hidden_comment(comment_id="?2", post_id="?4", local="?3")}, ?8)
    on conflict do nothing returning hidden
"""


def apply_comment_added(db: Connection, fact: Fact[CommentAdded]) -> None:
    comment = fact.payload
    if region_of(comment.comment_id) != fact.origin:
        raise Refused
    reactions = count_reactions(db, comment.comment_id, local=fact.local)
    added = db.execute(
        _ADD,
        (
            fact.sequence,
            comment.comment_id,
            fact.local,
            comment.post_id,
            fact.actor,
            comment.body,
            fact.at_ms,
            reactions,
        ),
    ).fetchone()
    if added is None:
        raise Refused
    _change_count(db, comment.post_id, not added[0], local=fact.local)


def apply_comment_deleted(db: Connection, fact: Fact[CommentDeleted]) -> None:
    """Keep nothing but that it was there."""
    written = (fact.payload.comment_id, fact.local, fact.actor)
    of_theirs = "id = ? and local = ? and author = ? and deleted = 0"
    found = db.execute(f"select post_id, hidden from comments where {of_theirs}", written).fetchone()
    if found is None:
        raise Refused
    db.execute(f"update comments set body = '', deleted = 1, hidden = 0 where {of_theirs}", written)
    post_id, hidden = found
    _change_count(db, str(post_id), -(not hidden), local=fact.local)


def _change_count(db: Connection, post_id: str, change: int, *, local: bool) -> None:
    db.execute(
        "update posts set comment_count = comment_count + ? where id = ? and local = ?", (change, post_id, local)
    )


HANDLERS: Final[Handlers] = {CommentAdded: apply_comment_added, CommentDeleted: apply_comment_deleted}
