"""Whom groups let in, remove and ban: decisions of their homes, about people anywhere."""

from __future__ import annotations

from typing import Any, Final

from samverka.feed.v1.feed_events_pb2 import (
    MemberBanned,
    MemberRemoved,
    MembershipApproved,
    MembershipDeclined,
    MemberUnbanned,
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
from services.feed.projections.deciding import settle_request
from services.feed.projections.hiding import hide_author
from services.feed.projections.membership import settle_member


def apply_membership_approved(db: Connection, fact: Fact[MembershipApproved]) -> None:
    require_moderator(db, fact)
    settle_request(db, fact)
    admit(db, fact, APPROVED)
    _settle(db, fact)


def apply_membership_declined(db: Connection, fact: Fact[MembershipDeclined]) -> None:
    require_moderator(db, fact)
    settle_request(db, fact)
    admit(db, fact, DECLINED)
    _settle(db, fact)


def apply_member_removed(db: Connection, fact: Fact[MemberRemoved]) -> None:
    require_may_send_away(db, fact)
    settle_request(db, fact)
    take_role(db, fact)
    admit(db, fact, ENDED)
    _settle(db, fact)


def apply_member_banned(db: Connection, fact: Fact[MemberBanned]) -> None:
    require_ban(db, fact)
    settle_request(db, fact)
    ban(db, fact)
    _settle(db, fact)


def apply_member_unbanned(db: Connection, fact: Fact[MemberUnbanned]) -> None:
    require_moderator(db, fact)
    settle_request(db, fact)
    unban(db, fact)
    _settle(db, fact)


def _settle(db: Connection, fact: Fact[Any]) -> None:
    """Look whether the person is in now, and what of theirs is shown."""
    group_id, local, person = member_of(fact)
    settle_member(db, group_id, person, local=local)
    hide_author(db, group_id, person, local=local)


HANDLERS: Final[Handlers] = {
    MembershipApproved: apply_membership_approved,
    MembershipDeclined: apply_membership_declined,
    MemberRemoved: apply_member_removed,
    MemberBanned: apply_member_banned,
    MemberUnbanned: apply_member_unbanned,
}
