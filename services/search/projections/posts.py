"""Posts and comments as they are found. What came before its post is found once that arrives."""

from __future__ import annotations

from typing import Final

from samverka.feed.v1.feed_events_pb2 import (
    POST_KIND_QUESTION,
    CommentAdded,
    CommentDeleted,
    PostDeleted,
    PostEdited,
    PostPublished,
)
from samverka.search.v1.search_views_pb2 import HIT_KIND_COMMENT, HIT_KIND_POST, HitKind
from services.chassis.envelope import Fact
from services.chassis.group_registers import has_joined
from services.chassis.ids import region_of
from services.chassis.projection import Handlers, Refused
from services.chassis.store import Connection
from services.search.projections.writing import Document, add_document, require_effect, touch_below


def apply_post_published(db: Connection, fact: Fact[PostPublished]) -> None:
    """Keep the post. Who posts into a group has joined before: both stand in the author's own register."""
    post, group_id = fact.payload, fact.payload.group_id or None
    if region_of(post.post_id) != fact.origin:
        raise Refused
    if group_id is not None and not has_joined(db, group_id, fact.actor, local=fact.local):
        raise Refused
    question = post.kind == POST_KIND_QUESTION
    title = post.title if question else ""
    document = Document(HIT_KIND_POST, post.post_id, post.body, title=title, group_id=group_id, question=question)
    add_document(db, fact, document)
    touch_below(db, post.post_id, fact.sequence, local=fact.local)


def apply_post_edited(db: Connection, fact: Fact[PostEdited]) -> None:
    post = fact.payload
    db.execute(
        """
        update documents set body = ?, title = case question when 1 then ? else '' end, changed = ?
        where id = ? and local = ? and author = ? and kind = ? and deleted = 0 and praise = 0
        """,
        (post.body, post.title, fact.sequence, post.post_id, fact.local, fact.actor, HIT_KIND_POST),
    )
    require_effect(db)


def apply_post_deleted(db: Connection, fact: Fact[PostDeleted]) -> None:
    _delete(db, fact, fact.payload.post_id, HIT_KIND_POST)
    db.execute("delete from acceptances where post_id = ? and local = ?", (fact.payload.post_id, fact.local))
    touch_below(db, fact.payload.post_id, fact.sequence, local=fact.local)


def apply_comment_added(db: Connection, fact: Fact[CommentAdded]) -> None:
    comment = fact.payload
    if region_of(comment.comment_id) != fact.origin:
        raise Refused
    document = Document(
        HIT_KIND_COMMENT, comment.comment_id, comment.body, post_id=comment.post_id, answer=comment.answer
    )
    add_document(db, fact, document)


def apply_comment_deleted(db: Connection, fact: Fact[CommentDeleted]) -> None:
    _delete(db, fact, fact.payload.comment_id, HIT_KIND_COMMENT)


def _delete(
    db: Connection, fact: Fact[PostDeleted] | Fact[CommentDeleted], content_id: str, kind: HitKind.ValueType
) -> None:
    """Keep nothing but that it was there."""
    db.execute(
        """
        update documents set body = '', title = '', deleted = 1, changed = ?
        where id = ? and local = ? and author = ? and kind = ? and deleted = 0 and praise = 0
        """,
        (fact.sequence, content_id, fact.local, fact.actor, kind),
    )
    require_effect(db)


HANDLERS: Final[Handlers] = {
    PostPublished: apply_post_published,
    PostEdited: apply_post_edited,
    PostDeleted: apply_post_deleted,
    CommentAdded: apply_comment_added,
    CommentDeleted: apply_comment_deleted,
}
