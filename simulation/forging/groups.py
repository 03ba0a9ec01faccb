"""Forgeries about groups of other regions: decisions, roles, members; and decisions by those who may not, in one's own."""

from __future__ import annotations

from google.protobuf.message import Message

from samverka.feed.v1.feed_events_pb2 import (
    GROUP_ROLE_MODERATOR,
    MODERATION_ACTION_HIDE,
    AnswerRuled,
    ContentHidden,
    ContentRestored,
    GroupCreated,
    MemberBanned,
    MemberJoined,
    MemberLeft,
    MemberRemoved,
    MemberRoleSet,
    MembershipApproved,
    MembershipDeclined,
    MemberUnbanned,
    ModerationDeclined,
    ModerationRequested,
)
from services.chassis.ids import derive, region_of
from simulation.forging.forgery import Forgery, Workshop
from simulation.reference.groups import Request

_BY = ("feed", "search")


def _decision(shop: Workshop, group_id: str, author: str, person: str) -> Message:
    """Return something that only the group's home may say."""
    content_id, about = shop.post_of(author), shop.chance.choice((author, person))
    join_id = shop.reference.groups.memberships.get((group_id, about), shop.new_id())
    request_id = shop.chance.choice([*shop.reference.groups.requests, shop.new_id()])
    return shop.chance.choice(
        [
            ContentHidden(group_id=group_id, content_id=content_id, request_id=request_id),
            ContentRestored(group_id=group_id, content_id=content_id, request_id=request_id),
            ModerationDeclined(group_id=group_id, request_id=request_id, reason="forged"),
            MemberRoleSet(group_id=group_id, person_id=person, role=GROUP_ROLE_MODERATOR),
            GroupCreated(group_id=group_id, name="forged"),
            MembershipApproved(group_id=group_id, person_id=about, join_id=join_id, request_id=request_id),
            MembershipDeclined(group_id=group_id, person_id=about, join_id=join_id, request_id=request_id),
            MemberRemoved(group_id=group_id, person_id=about, join_id=join_id, request_id=request_id),
            MemberBanned(group_id=group_id, person_id=about, join_id=join_id, request_id=request_id),
            AnswerRuled(group_id=group_id, post_id=content_id, comment_id=shop.new_id(), request_id=request_id),
            MemberUnbanned(group_id=group_id, person_id=about, request_id=request_id),
        ]
    )


def decision_in_ones_own_register(shop: Workshop, mine: str, theirs: str) -> Forgery:
    decision = _decision(shop, shop.group_of(theirs), theirs, mine)
    return Forgery("another's group's decision", shop.subject(mine), shop.sealed(decision, actor=mine), _BY)


def decision_in_the_groups_register(shop: Workshop, mine: str, theirs: str) -> Forgery:
    group_id = shop.group_of(theirs)
    data = shop.sealed(_decision(shop, group_id, theirs, mine), actor=mine)
    return Forgery("a decision that is not its region's", shop.subject(group_id), data)


def decision_in_the_homes_name(shop: Workshop, mine: str, theirs: str) -> Forgery:
    group_id, home = shop.group_of(theirs), region_of(theirs)
    data = shop.sealed(_decision(shop, group_id, theirs, mine), actor=mine, origin=home)
    return Forgery("a decision of another home", shop.subject(group_id, origin=home), data)


def decision_by_nobody(shop: Workshop, mine: str, theirs: str) -> Forgery:
    """Decide in a group of one's own as somebody who never moderated it."""
    group_id, actor = shop.group_of(mine), derive(region_of(theirs), "nobody")
    decided = shop.chance.choice((ContentHidden, ContentRestored))
    decision = decided(group_id=group_id, content_id=shop.post_of(theirs), request_id=shop.new_id())
    data = shop.sealed(decision, actor=actor)
    return Forgery("a decision of somebody who may not", shop.subject(group_id), data, _BY)


def role_by_another(shop: Workshop, mine: str, theirs: str) -> Forgery:
    """Give a role in a group of one's own that is not the giver's."""
    group_id = shop.group_of(mine)
    role = MemberRoleSet(group_id=group_id, person_id=mine, role=GROUP_ROLE_MODERATOR)
    return Forgery("a role that its giver had not", shop.subject(group_id), shop.sealed(role, actor=theirs), _BY)


def membership_of_another(shop: Workshop, mine: str, theirs: str) -> Forgery:
    moved = shop.chance.choice((MemberJoined, MemberLeft))(group_id=shop.group_of(mine))
    return Forgery("a word for another member", shop.subject(mine), shop.sealed(moved, actor=theirs))


def request_with_anothers_id(shop: Workshop, mine: str, theirs: str) -> Forgery:
    request = _request(shop, theirs, request_id=shop.new_id(region=region_of(theirs)))
    return Forgery("a request with another's id", shop.subject(mine), shop.sealed(request, actor=mine), ("feed",))


def request_without_right(shop: Workshop, mine: str, theirs: str) -> Forgery:
    """Nobody refuses it: whether they may is decided by the home of the group, if there is one."""
    request = _request(shop, theirs, request_id=shop.new_id())
    if request.group_id in shop.reference.groups.by_id:
        shop.reference.groups.requests[request.request_id] = Request(
            id=request.request_id,
            person=mine,
            group_id=request.group_id,
            content_id=request.content_id,
            action=request.action,
            reason="",
            local=False,
        )
        return Forgery("a request without right", shop.subject(mine), shop.sealed(request, actor=mine), ())
    return request_with_anothers_id(shop, mine, theirs)


def _request(shop: Workshop, theirs: str, *, request_id: str) -> ModerationRequested:
    return ModerationRequested(
        request_id=request_id,
        group_id=shop.group_of(theirs),
        content_id=shop.new_id(region=region_of(theirs)),
        action=MODERATION_ACTION_HIDE,
    )


FORGERIES = (
    decision_in_ones_own_register,
    decision_in_the_groups_register,
    decision_in_the_homes_name,
    decision_by_nobody,
    role_by_another,
    membership_of_another,
    request_with_anothers_id,
    request_without_right,
)
