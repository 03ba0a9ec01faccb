"""What the checker takes for a decision that a group's home could make, by the home's log alone."""

from __future__ import annotations

import pytest
from google.protobuf.message import Message

from samverka.feed.v1.feed_events_pb2 import (
    MODERATION_ACTION_BAN,
    GroupCreated,
    MemberBanned,
    MemberJoined,
    ModerationRequested,
)
from services.chassis.envelope import seal
from services.chassis.eventlog.port import Entry, Source
from services.chassis.ids import derive, region_of
from simulation.checking.decisions import settle_decisions
from simulation.reference import Reference
from simulation.reference.groups import Request
from simulation.trace import Violation

ANNA, BO = derive("stockholm", "anna"), derive("tokyo", "bo")
GROUP, REQUEST = derive("stockholm", "group"), derive("stockholm", "request")
HEARD = 5
"""The last that Anna's region has of Bo's."""


def entry(sequence: int, owner: str, payload: Message, *, actor: str, source: Source | None = None) -> Entry:
    origin = region_of(owner)
    name = f"{origin}_{sequence}"
    data = seal(payload, event_id=name, origin=origin, actor=actor, occurred_at=sequence)
    return Entry(sequence, f"ev.{origin}.pub.feed.{owner}", data, name, source)


def check_ban(*, stays_until: int, erased: str = "") -> None:
    """Look at a log in which Anna bans Bo, whatever of Bo's stays; raises Violation."""
    asked = ModerationRequested(request_id=REQUEST, group_id=GROUP, person_id=BO, action=MODERATION_ACTION_BAN)
    banned = MemberBanned(group_id=GROUP, person_id=BO, join_id="tokyo_2", request_id=REQUEST, stays_until=stays_until)
    log = [
        entry(1, GROUP, GroupCreated(group_id=GROUP), actor=ANNA),
        entry(2, BO, MemberJoined(group_id=GROUP), actor=BO, source=Source("EV_TOKYO", HEARD)),
        entry(3, ANNA, asked, actor=ANNA),
        entry(4, GROUP, banned, actor=ANNA),
    ]
    reference = Reference(erased={erased: None} if erased else {})
    reference.groups.requests[REQUEST] = Request(
        REQUEST, ANNA, GROUP, content_id="", action=MODERATION_ACTION_BAN, reason="", local=False, about=BO
    )
    settle_decisions({"stockholm": log}, reference)


def test_a_ban_leaves_no_more_than_what_its_region_had_heard_of() -> None:
    check_ban(stays_until=HEARD)

    with pytest.raises(Violation, match="decided otherwise than the register"):
        check_ban(stays_until=HEARD + 1)


def test_what_was_heard_of_somebody_who_is_erased_since_is_not_in_the_log_any_more() -> None:
    check_ban(stays_until=HEARD + 1, erased=derive("tokyo", "chidi"))

    with pytest.raises(Violation, match="decided otherwise than the register"):
        check_ban(stays_until=HEARD + 1, erased=derive("lima", "chidi"))
