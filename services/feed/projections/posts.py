"""Posts: published, edited, deleted. What came before its post takes effect when the post arrives."""

from __future__ import annotations

from typing import Final

import orjson

from samverka.feed.v1.feed_events_pb2 import (
    POST_KIND_NOTE,
    POST_KIND_PRAISE,
    POST_KIND_QUESTION,
    PostDeleted,
    PostEdited,
    PostPublished,
)
from services.chassis.envelope import Fact
from services.chassis.group_registers import has_joined
from services.chassis.ids import region_of
from services.chassis.marks import read_marks
from services.chassis.projection import Handlers, Refused
from services.chassis.store import Connection
from services.feed.projections.counting import count_helpful, count_reactions
from services.feed.projections.hiding import hide_post
from services.feed.projections.listing import list_post, name_in_post
from services.feed.projections.settling import settle_post

_PUBLISH = """
    insert into posts values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?13, '', ?10, 0, 0, 0,
        ?6 is null or exists (select 1 from groups where id = ?6 and local = ?3 and private = 0), 0, 0, '', ?11, ?12)
    on conflict do nothing
"""


def apply_post_published(db: Connection, fact: Fact[PostPublished]) -> None:
    """Keep the post. Who posts into a group has joined before: both stand in the author's own register."""
    post, group_id = fact.payload, fact.payload.group_id or None
    if region_of(post.post_id) != fact.origin:
        raise Refused
    if group_id is not None and not has_joined(db, group_id, fact.actor, local=fact.local):
        raise Refused
    is_question, marks = post.kind == POST_KIND_QUESTION, read_marks(post.body, region=fact.origin)
    row = (
        fact.sequence,
        post.post_id,
        fact.local,
        fact.origin_sequence,
        fact.actor,
        group_id,
        POST_KIND_QUESTION if is_question else POST_KIND_NOTE,
        post.title if is_question else "",
        post.body,
        fact.at_ms,
        count_helpful(db, post.post_id, fact.actor, local=fact.local),
        count_reactions(db, post.post_id, local=fact.local),
        orjson.dumps(marks.topics).decode(),
    )
    db.execute(_PUBLISH, row)
    _require_effect(db)
    name_in_post(db, post.post_id, marks.mentions, sequence=fact.sequence, local=fact.local)
    if group_id is not None:
        hide_post(db, post.post_id, local=fact.local)
    else:
        settle_post(db, post.post_id, local=fact.local)


def apply_post_edited(db: Connection, fact: Fact[PostEdited]) -> None:
    marks = read_marks(fact.payload.body, region=fact.origin)
    edited = db.execute(
        f"""
        update posts set body = ?, topics = ?, edited_at_ms = ?, title = case kind when ? then ? else '' end
        where id = ? and local = ? and author = ? and deleted = 0 and kind != {POST_KIND_PRAISE} returning sequence
        """,
        (
            fact.payload.body,
            orjson.dumps(marks.topics).decode(),
            fact.at_ms,
            POST_KIND_QUESTION,
            fact.payload.title,
            fact.payload.post_id,
            fact.local,
            fact.actor,
        ),
    ).fetchone()
    if edited is None:
        raise Refused
    name_in_post(db, fact.payload.post_id, marks.mentions, sequence=int(str(edited[0])), local=fact.local)
    list_post(db, fact.payload.post_id, local=fact.local)


def apply_post_deleted(db: Connection, fact: Fact[PostDeleted]) -> None:
    """Keep nothing but that it was there."""
    db.execute(
        f"""
        update posts set title = '', body = '', topics = '[]', chosen = '', deleted = 1
        where id = ? and local = ? and author = ? and deleted = 0 and kind != {POST_KIND_PRAISE}
        """,
        (fact.payload.post_id, fact.local, fact.actor),
    )
    _require_effect(db)
    name_in_post(db, fact.payload.post_id, (), sequence=0, local=fact.local)
    settle_post(db, fact.payload.post_id, local=fact.local)


def _require_effect(db: Connection) -> None:
    """Raise Refused unless a row was written: it is another's post, or not one that this can still happen to."""
    if not db.changes():
        raise Refused


HANDLERS: Final[Handlers] = {
    PostPublished: apply_post_published,
    PostEdited: apply_post_edited,
    PostDeleted: apply_post_deleted,
}
