"""Moderation: what moderators ask for, in their own registers, and what a group's home decides on content, in its own."""

from __future__ import annotations

from typing import Final

from samverka.feed.v1.feed_events_pb2 import ContentHidden, ContentRestored, ModerationDeclined, ModerationRequested
from services.chassis.envelope import Fact
from services.chassis.group_registers import require_moderator
from services.chassis.ids import region_of
from services.chassis.projection import Handlers, Refused
from services.chassis.store import Connection
from services.feed.projections.deciding import settle_request
from services.feed.projections.hiding import hide_content


def apply_moderation_requested(db: Connection, fact: Fact[ModerationRequested]) -> None:
    asked = fact.payload
    if region_of(asked.request_id) != fact.origin:
        raise Refused
    db.execute(
        """
        insert into moderation_requests values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,
            exists (select 1 from moderation_outcomes where group_id = ?5 and local = ?3 and request_id = ?2))
        on conflict do nothing
        """,
        (
            fact.sequence,
            asked.request_id,
            fact.local,
            fact.actor,
            asked.group_id,
            region_of(asked.group_id),
            asked.content_id,
            asked.action,
            asked.reason,
            asked.person_id,
            asked.join_id,
            asked.answer_id,
        ),
    )
    if not db.changes():
        raise Refused


def apply_content_hidden(db: Connection, fact: Fact[ContentHidden]) -> None:
    _apply_granted(db, fact, hidden=True)


def apply_content_restored(db: Connection, fact: Fact[ContentRestored]) -> None:
    _apply_granted(db, fact, hidden=False)


def apply_moderation_declined(db: Connection, fact: Fact[ModerationDeclined]) -> None:
    settle_request(db, fact, declined_reason=fact.payload.reason or "declined")


def _apply_granted(db: Connection, fact: Fact[ContentHidden] | Fact[ContentRestored], *, hidden: bool) -> None:
    decided = fact.payload
    require_moderator(db, fact)
    settle_request(db, fact)
    db.execute(
        """
        insert into moderation values (?, ?, ?, ?, ?)
        on conflict do update set hidden = excluded.hidden, request_id = excluded.request_id
        """,
        (decided.content_id, fact.local, decided.group_id, hidden, decided.request_id),
    )
    hide_content(db, decided.content_id, decided.group_id, local=fact.local)


HANDLERS: Final[Handlers] = {
    ModerationRequested: apply_moderation_requested,
    ContentHidden: apply_content_hidden,
    ContentRestored: apply_content_restored,
    ModerationDeclined: apply_moderation_declined,
}
