"""Badges: what they hold, and who may define, award and retire them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from samverka.recognition.v1.recognition_events_pb2 import (
    BADGE_KIND_OFFICIAL,
    BADGE_KIND_PEER,
    BadgeKind,
)
from services.chassis.awards import AWARDERS_MAX, MONTHLY_LIMIT_MAX
from services.chassis.errors import Forbidden, Invalid, NotFound
from services.chassis.ids import parse, region_of
from services.chassis.text import parse_text

DEFINER = "community_manager"
NAME_CHARACTERS_MAX = 80
CRITERIA_CHARACTERS_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Terms:
    """What a badge says of who may award it, and how often."""

    badge_id: str
    kind: BadgeKind.ValueType
    monthly_limit: int
    awarder_ids: Sequence[str]
    retired: bool


def parse_badge_name(name: str) -> str:
    """Return the name of a badge. Raises Invalid."""
    return parse_text(name, field="name", characters_max=NAME_CHARACTERS_MAX, lines=False)


def parse_criteria(criteria: str) -> str:
    """Return what a badge is given for. Raises Invalid."""
    return parse_text(criteria, field="criteria", characters_max=CRITERIA_CHARACTERS_MAX)


def parse_kind(kind: BadgeKind.ValueType) -> BadgeKind.ValueType:
    """Return a kind that is known. Raises Invalid."""
    if kind not in (BADGE_KIND_PEER, BADGE_KIND_OFFICIAL):
        raise Invalid("A badge is a peer's or official.", code="unknown_badge_kind", field="kind")
    return kind


def parse_monthly_limit(limit: int) -> int:
    """Return how often one giver may award a badge in a month; 0 is no limit. Raises Invalid."""
    if not 0 <= limit <= MONTHLY_LIMIT_MAX:
        raise Invalid(
            f"A monthly limit is at most {MONTHLY_LIMIT_MAX:,}; 0 is none.", code="out_of_range", field="monthly_limit"
        )
    return limit


def parse_awarders(awarder_ids: Iterable[str], kind: BadgeKind.ValueType) -> tuple[str, ...]:
    """Return who may award a badge, each once; nobody in particular for a peer's. Raises Invalid."""
    awarders = tuple(dict.fromkeys(parse(person_id, field="awarder_ids") for person_id in awarder_ids))
    if len(awarders) > AWARDERS_MAX:
        raise Invalid(f"At most {AWARDERS_MAX} people award a badge.", code="too_many_people", field="awarder_ids")
    if awarders and kind == BADGE_KIND_PEER:
        raise Invalid("Everybody may award a peer's badge.", code="peers_award", field="awarder_ids")
    return awarders


def require_badge(found: Terms | None) -> Terms:
    """Return the terms of a badge that is there."""
    if found is None:
        raise NotFound("There is no such badge.", code="badge_not_found", field="badge_id")
    return found


def require_home(badge_id: str, region: str) -> None:
    """Raise Forbidden unless the badge is at home in the region."""
    if region_of(badge_id) != region:
        raise Forbidden("That badge is decided on in another region.", code="badge_elsewhere", field="badge_id")


def require_awarder(badge: Terms, giver: str, roles: Collection[str]) -> None:
    """Raise Forbidden unless the giver may award the badge."""
    if badge.retired:
        raise Forbidden("That badge is awarded no longer.", code="badge_retired", field="badge_id")
    if not _may_award(badge, giver, roles):
        raise Forbidden("You may not award that badge.", code="not_awarder", field="badge_id")


def _may_award(badge: Terms, giver: str, roles: Collection[str]) -> bool:
    """Whether the giver may; without a list, official badges are awarded at their home, where its roles are known."""
    if badge.kind == BADGE_KIND_PEER:
        return True
    if badge.awarder_ids:
        return giver in badge.awarder_ids
    return DEFINER in roles and region_of(giver) == region_of(badge.badge_id)
