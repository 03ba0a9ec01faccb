"""Posts: published, edited, deleted. What came before its post takes effect when the post arrives."""

from __future__ import annotations

from typing import Final

from samverka.feed.v1.feed_events_pb2 import PostDeleted, PostEdited, PostPublished
from services.chassis.envelope import Fact
from services.chassis.ids import region_of
from services.chassis.projection import Handlers, Refused
from services.chassis.store import Connection
from services.feed.projections.counting import count_reactions


def apply_post_published(db: Connection, fact: Fact[PostPublished]) -> None:
    post = fact.payload
    if region_of(post.post_id) != fact.origin:
        raise Refused
    db.execute(
        """
        insert into posts values (?1, ?2, ?3, ?4, ?5, 0, 0,
            (select count(*) from comments where post_id = ?2 and deleted = 0), ?6)
        on conflict do nothing
        """,
        (fact.sequence, post.post_id, fact.actor, post.body, fact.at_ms, count_reactions(db, post.post_id)),
    )
    _require_effect(db)


def apply_post_edited(db: Connection, fact: Fact[PostEdited]) -> None:
    db.execute(
        "update posts set body = ?, edited_at_ms = ? where id = ? and author = ? and deleted = 0",
        (fact.payload.body, fact.at_ms, fact.payload.post_id, fact.actor),
    )
    _require_effect(db)


def apply_post_deleted(db: Connection, fact: Fact[PostDeleted]) -> None:
    """Keep nothing but that it was there."""
    db.execute(
        "update posts set body = '', deleted = 1 where id = ? and author = ? and deleted = 0",
        (fact.payload.post_id, fact.actor),
    )
    _require_effect(db)


def _require_effect(db: Connection) -> None:
    """Raise Refused unless a row was written: it is another's post, or not one that this can still happen to."""
    if not db.changes():
        raise Refused


HANDLERS: Final[Handlers] = {
    PostPublished: apply_post_published,
    PostEdited: apply_post_edited,
    PostDeleted: apply_post_deleted,
}
