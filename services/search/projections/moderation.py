"""What groups decide in their own registers: which content they hide, whom they let in, remove and ban."""

from __future__ import annotations

from typing import Any, Final

from samverka.feed.v1.feed_events_pb2 import (
    ContentHidden,
    ContentRestored,
    MemberBanned,
    MemberRemoved,
    MembershipApproved,
    MembershipDeclined,
    MemberUnbanned,
    ModerationDeclined,
)
from services.chassis.envelope import Fact
from services.chassis.group_registers import (
    APPROVED,
    DECLINED,
    ENDED,
    admit,
    ban,
    member_of,
    require_ban,
    require_may_send_away,
    require_moderator,
    take_role,
    unban,
)
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


def apply_membership_approved(db: Connection, fact: Fact[MembershipApproved]) -> None:
    require_moderator(db, fact)
    settle_request(db, fact)
    _admit(db, fact, APPROVED)


def apply_membership_declined(db: Connection, fact: Fact[MembershipDeclined]) -> None:
    require_moderator(db, fact)
    settle_request(db, fact)
    _admit(db, fact, DECLINED)


def apply_member_removed(db: Connection, fact: Fact[MemberRemoved]) -> None:
    require_may_send_away(db, fact)
    settle_request(db, fact)
    take_role(db, fact)
    _admit(db, fact, ENDED)


def apply_member_banned(db: Connection, fact: Fact[MemberBanned]) -> None:
    require_ban(db, fact)
    settle_request(db, fact)
    ban(db, fact)
    _touch(db, fact)


def apply_member_unbanned(db: Connection, fact: Fact[MemberUnbanned]) -> None:
    require_moderator(db, fact)
    settle_request(db, fact)
    unban(db, fact)
    _touch(db, fact)


def _moderate(db: Connection, fact: Fact[ContentHidden] | Fact[ContentRestored], *, hidden: bool) -> None:
    decided = fact.payload
    require_moderator(db, fact)
    settle_request(db, fact)
    db.execute(
        "insert into moderation values (?, ?, ?, ?) on conflict do update set hidden = excluded.hidden",
        (decided.content_id, fact.local, decided.group_id, hidden),
    )
    touch(db, decided.content_id, fact.sequence, local=fact.local)


def _admit(db: Connection, fact: Fact[Any], state: int) -> None:
    """Write down how far a join has come, and what of theirs is to be found by whom."""
    admit(db, fact, state)
    _touch(db, fact)


def _touch(db: Connection, fact: Fact[Any]) -> None:
    group_id, local, person = member_of(fact)
    touch_author(db, group_id, person, fact.sequence, local=local)


HANDLERS: Final[Handlers] = {
    ContentHidden: apply_content_hidden,
    ContentRestored: apply_content_restored,
    ModerationDeclined: apply_moderation_declined,
    MembershipApproved: apply_membership_approved,
    MembershipDeclined: apply_membership_declined,
    MemberRemoved: apply_member_removed,
    MemberBanned: apply_member_banned,
    MemberUnbanned: apply_member_unbanned,
}
