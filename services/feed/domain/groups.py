"""Groups: what they may be called, who may do what in them, and how far what is written there may go."""

from __future__ import annotations

from typing import TypeVar

from samverka.feed.v1.feed_events_pb2 import (
    GROUP_ROLE_MEMBER,
    GROUP_ROLE_MODERATOR,
    GROUP_ROLE_OWNER,
    GROUP_ROLE_UNSPECIFIED,
    GROUP_VISIBILITY_PRIVATE,
    GROUP_VISIBILITY_PUBLIC,
    GROUP_VISIBILITY_UNSPECIFIED,
    GroupRole,
    GroupVisibility,
)
from samverka.feed.v1.feed_views_pb2 import REACH_LOCAL, REACH_NETWORK, REACH_UNSPECIFIED, Reach
from services.chassis.errors import Exhausted, Forbidden, Invalid, NotFound
from services.chassis.text import parse_text

NAME_CHARACTERS_MAX = 80
ABOUT_CHARACTERS_MAX = 4_000
REASON_CHARACTERS_MAX = 500
JOINED_GROUPS_MAX = 5_000
"""Of one person: a page of their home feed looks at each of them where the last days do not fill it."""

MEMBER_BANNED = "member_banned"
NOT_MODERATOR = "not_moderator"
NOT_OF_GROUP = "not_of_group"
NOT_OWNER = "not_owner"
OWNER_STAYS = "owner_stays"
UNKNOWN_ACTION = "unknown_action"
"""Why a group's home declines what a moderator asked for."""

Found = TypeVar("Found")


def parse_group_name(name: str) -> str:
    """Return the name of a group. Raises Invalid."""
    return parse_text(name, field="name", characters_max=NAME_CHARACTERS_MAX, lines=False)


def parse_group_about(about: str) -> str:
    """Return what a group says of itself. Raises Invalid."""
    return parse_text(about, field="about", characters_max=ABOUT_CHARACTERS_MAX, required=False)


def parse_reason(reason: str) -> str:
    """Return why a moderator hides or restores something. Raises Invalid."""
    return parse_text(reason, field="reason", characters_max=REASON_CHARACTERS_MAX, required=False)


def parse_reach(reach: Reach.ValueType) -> Reach.ValueType:
    """Return a reach that is known, or unspecified. Raises Invalid."""
    if reach not in (REACH_UNSPECIFIED, REACH_NETWORK, REACH_LOCAL):
        raise Invalid("That is not a reach.", code="unknown_reach", field="reach")
    return reach


def parse_visibility(visibility: GroupVisibility.ValueType) -> GroupVisibility.ValueType:
    """Return public or private; public where nothing is said. Raises Invalid."""
    if visibility == GROUP_VISIBILITY_UNSPECIFIED:
        return GROUP_VISIBILITY_PUBLIC
    if visibility not in (GROUP_VISIBILITY_PUBLIC, GROUP_VISIBILITY_PRIVATE):
        raise Invalid("A group is public or private.", code="unknown_visibility", field="visibility")
    return visibility


def parse_role(role: GroupRole.ValueType) -> GroupRole.ValueType:
    """Return a role that can be given. Raises Invalid."""
    if role not in (GROUP_ROLE_MEMBER, GROUP_ROLE_MODERATOR):
        raise Invalid("A role is member or moderator.", code="unknown_role", field="role")
    return role


def require_room(joined: int) -> None:
    """Raises Exhausted for whoever is in so many groups, or waits to be let in, that one more is too many."""
    if joined >= JOINED_GROUPS_MAX:
        raise Exhausted(
            f"Nobody is in more than {JOINED_GROUPS_MAX:,} groups; leave one first.", code="too_many_groups"
        )


def require_group(found: Found | None) -> Found:
    """Return the group that was found; NotFound if there is none, or none for this region or this person."""
    if found is None:
        raise NotFound("There is no such group.", code="group_not_found", field="group_id")
    return found


def require_member(role: GroupRole.ValueType) -> None:
    """Raise Forbidden unless the actor has joined the group."""
    if role == GROUP_ROLE_UNSPECIFIED:
        raise Forbidden("Join the group first.", code="not_member", field="group_id")


def require_owner(role: GroupRole.ValueType) -> None:
    """Raise Forbidden unless the actor owns the group."""
    if role != GROUP_ROLE_OWNER:
        raise Forbidden("Only the group's owner may do that.", code="not_owner", field="group_id")


def require_may_leave(role: GroupRole.ValueType) -> None:
    """Raise Forbidden for the owner: nobody else could give roles."""
    if role == GROUP_ROLE_OWNER:
        raise Forbidden("The owner stays in the group.", code="owner_stays", field="group_id")


def require_other_member(role: GroupRole.ValueType | None) -> None:
    """Raise unless the role is of a member whom one can be given: not of the owner, and not of somebody else."""
    if role is None or role == GROUP_ROLE_UNSPECIFIED:
        raise _no_member()
    if role == GROUP_ROLE_OWNER:
        raise Forbidden("The owner stays the owner.", code="owner_stays", field="person_id")


def moderates(role: GroupRole.ValueType) -> bool:
    """Whether a role lets its holder hide and restore what stands in the group."""
    return role in (GROUP_ROLE_MODERATOR, GROUP_ROLE_OWNER)


def require_moderator(role: GroupRole.ValueType, *, field: str) -> None:
    """Raise Forbidden unless the actor moderates the group."""
    if not moderates(role):
        raise Forbidden("Only a moderator of the group may do that.", code="not_moderator", field=field)


def require_welcome(banned: bool) -> None:
    """Raise Forbidden if the group has banned the actor."""
    if banned:
        raise Forbidden("The group has banned you.", code="member_banned", field="group_id")


def require_private(private: bool) -> None:
    """Raise Invalid for a public group, which is not asked."""
    if not private:
        raise Invalid("It is a public group; join it.", code="group_public", field="group_id")


def require_join(found: Found | None) -> Found:
    """Return the join of whom a moderator decides about: somebody who is a member, or wants to be."""
    if found is None:
        raise _no_member()
    return found


def require_banned(banned: bool) -> None:
    """Raise NotFound unless the person is banned."""
    if not banned:
        raise _no_member()


def require_somebody(known: bool) -> None:
    """Raise NotFound unless it is a person who is known here."""
    if not known:
        raise NotFound("There is no such person.", code="person_not_found", field="person_id")


def _no_member() -> NotFound:
    return NotFound("There is no such member.", code="member_not_found", field="person_id")


def refusal_to_send_away(actor: GroupRole.ValueType, person: GroupRole.ValueType) -> str:
    """Return why the actor cannot remove or ban somebody with that role, a code; empty if they can."""
    if person == GROUP_ROLE_OWNER:
        return OWNER_STAYS
    return NOT_OWNER if person == GROUP_ROLE_MODERATOR and actor != GROUP_ROLE_OWNER else ""


def require_may_send_away(actor: GroupRole.ValueType, person: GroupRole.ValueType) -> None:
    """Raise Forbidden if the actor cannot remove or ban somebody with that role."""
    code = refusal_to_send_away(actor, person)
    if code == OWNER_STAYS:
        raise Forbidden("The owner stays in the group.", code=code, field="person_id")
    if code:
        raise Forbidden("Only the group's owner may do that to a moderator.", code=code, field="person_id")


def require_content(found: Found | None) -> Found:
    """Return the post or comment of a group that was found."""
    if found is None:
        raise NotFound("There is no such post or comment in a group.", code="content_not_found", field="content_id")
    return found


def require_reach_of_group(asked: Reach.ValueType, local: bool) -> None:
    """Raise Invalid if another reach than the group's was asked for: its posts have its own."""
    if asked not in (REACH_UNSPECIFIED, REACH_LOCAL if local else REACH_NETWORK):
        raise Invalid("What is posted into a group has the group's reach.", code="reach_of_group", field="reach")
