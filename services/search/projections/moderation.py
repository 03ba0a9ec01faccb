"""What groups decide in their own registers: which content they hide, whom they let in, remove and ban."""

from __future__ import annotations

from typing import Any, Final

from samverka.feed.v1.feed_events_pb2 import ContentHidden, ContentRestored, ModerationDeclined
from services.chassis.envelope import Fact
from services.chassis.group_registers import decisions_on_people, member_of, require_moderator
from services.chassis.projection import Handlers
from services.chassis.store import Connection
from services.search.projections.deciding import settle_request
from services.search.projections.writing import touch, touch_author


def apply_content_hidden(db: Connection, fact: Fact[ContentHidden]) -> None:
    _moderate(db, fact, hidden=True)


def apply_content_restored(db: Connection, fact: Fact[ContentRestored]) -> None:
    _moderate(db, fact, hidden=False)


def apply_moderation_declined(db: Connection, fact: Fact[ModerationDeclined]) -> None:
    settle_request(db, fact)


def _moderate(db: Connection, fact: Fact[ContentHidden] | Fact[ContentRestored], *, hidden: bool) -> None:
    decided = fact.payload
    require_moderator(db, fact)
    settle_request(db, fact)
    db.execute(
        "insert into moderation values (?, ?, ?, ?) on conflict do update set hidden = excluded.hidden",
        (decided.content_id, fact.local, decided.group_id, hidden),
    )
    touch(db, decided.content_id, fact.sequence, local=fact.local)


def _settle_person(db: Connection, fact: Fact[Any]) -> None:
    """Have the index look again at what of the person's is to be found by whom."""
    group_id, local, person = member_of(fact)
    touch_author(db, group_id, person, fact.sequence, local=local)


HANDLERS: Final[Handlers] = {
    ContentHidden: apply_content_hidden,
    ContentRestored: apply_content_restored,
    ModerationDeclined: apply_moderation_declined,
    **decisions_on_people(settle_request=settle_request, settle_person=_settle_person),
}
