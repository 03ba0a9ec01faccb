"""The rules about recognition over events alone, to which every service holds that applies them.

A badge says who may award it and how many times a month; an award says which one of its giver's month it is, by the order of
the giver's own register. So which awards count follows from the two origins' events, and is the same wherever both are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from samverka.recognition.v1.recognition_events_pb2 import (
    BADGE_KIND_OFFICIAL,
    BADGE_KIND_PEER,
    VISIBILITY_PRIVATE,
    VISIBILITY_PUBLIC,
    BadgeDefined,
    Visibility,
)
from services.chassis.envelope import TIME_MS_MAX
from services.chassis.ids import derive, region_of

RECEIVERS_MAX = 50
AWARDERS_MAX = 100
MONTHLY_LIMIT_MAX = 1_000


def month_of(at_ms: int) -> int:
    """Return the calendar month, in UTC, of a time in milliseconds since 1970: 202602 is February 2026.

    An award's is that of the time which its event tells, so that every region counts it against the same one: no region
    knows another's calendar, and a receiver's clock has no say.
    """
    at = datetime.fromtimestamp(at_ms // 1000, UTC)
    return at.year * 100 + at.month


def is_gift(giver: str, receivers: Sequence[str], visibility: Visibility.ValueType, given_at_ms: int) -> bool:
    """Whether an event gives what a command could have given, so that no region recognises itself by its own people."""
    return (
        0 < len(receivers) <= RECEIVERS_MAX
        and len(set(receivers)) == len(receivers)
        and giver not in receivers
        and all(region_of(person) for person in receivers)
        and visibility in (VISIBILITY_PUBLIC, VISIBILITY_PRIVATE)
        and 0 <= given_at_ms < TIME_MS_MAX
    )


def is_badge(defined: BadgeDefined, *, owner: str, origin: str, actor: str) -> bool:
    """Whether a badge's home defines it, by somebody who lives there, as a command would have."""
    return (
        is_of_home(defined.badge_id, owner=owner, origin=origin, actor=actor)
        and defined.kind in (BADGE_KIND_PEER, BADGE_KIND_OFFICIAL)
        and defined.monthly_limit <= MONTHLY_LIMIT_MAX
        and len(defined.awarder_ids) <= AWARDERS_MAX
        and not (defined.kind == BADGE_KIND_PEER and defined.awarder_ids)
    )


def is_of_home(badge_id: str, *, owner: str, origin: str, actor: str) -> bool:
    """Whether a badge's home says something of it, by somebody who lives there."""
    return badge_id == owner and region_of(badge_id) == origin == region_of(actor)


def praise_of(recognition_id: str) -> str:
    """Return the id of the post that shows a recognition: an id of its own, so that each thing has one."""
    return derive(region_of(recognition_id), "praise", recognition_id)


def lets(award: str) -> str:
    """Return the SQL for whether the badge of ``award``, a row with badge_id, nth, origin and giver, is here and lets it.

    Needs a table ``badges`` with id, region, kind, monthly_limit and awarders, a JSON list of ids.
    """
    return f"""
        exists (
            select 1 from badges badge where badge.id = {award}.badge_id
                and (badge.monthly_limit = 0 or {award}.nth <= badge.monthly_limit)
                and case
                    when badge.kind = {BADGE_KIND_PEER} then 1
                    when badge.awarders = '[]' then badge.region = {award}.origin
                    else {award}.giver in (select value from json_each(badge.awarders))
                end
        )
    """
