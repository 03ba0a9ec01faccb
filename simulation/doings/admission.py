"""Who is in a group: asking a private one to be let in, letting in, sending away, and trying to look in from outside."""

from __future__ import annotations

from google.protobuf.message import Message

from samverka.feed.v1 import feed_service_pb2 as feed
from samverka.feed.v1.feed_events_pb2 import MODERATION_ACTION_BAN
from simulation.calling import Client, Refusal
from simulation.doings.requests import keep_request
from simulation.reference.groups import Group
from simulation.trace import Violation

_LET_IN = 0.75
_BAN = 0.4
_ABUSE = 0.1
_Sending = feed.RemoveMemberRequest | feed.BanMemberRequest


async def ask(me: Client) -> str:
    """Ask a private group to be let in; now and then again, whatever it has answered."""
    groups = me.reference.groups
    group = me.some([group for group in groups.by_id.values() if group.private and group.owner != me.id])
    if group is None:
        return ""
    groups.asked[group.id, me.id] = None
    request = feed.RequestMembershipRequest(group_id=group.id)
    await me.may("feed", "RequestMembership", request)
    await keep_join(me, group, request)
    return f"asked {group.id} to be let in"


async def keep_join(me: Client, group: Group, request: Message) -> None:
    """Keep the join that a command began; one that began none has found one."""
    if not me.sees(group.id, local=group.local):
        raise Violation(f"{me.id} could join {group.id}, which is local elsewhere")
    event, joins = await me.event_of(request), me.reference.groups.memberships
    if event is not None:
        joins[group.id, me.id] = event.id
    elif (group.id, me.id) not in joins:
        raise Violation(f"{me.id} was told to have joined {group.id}, and has not")


async def let_in(me: Client) -> str:
    """Let in or decline whoever waits to be let in, as a moderator sees them."""
    groups = me.reference.groups
    closed = [group for group in groups.by_id.values() if group.private]
    group = me.some([group for group in closed if groups.moderates(me.id, group.id)])
    if group is None:
        return await ask(me)
    people = (
        await me.look("feed", "ListMembershipRequests", feed.ListMembershipRequestsRequest(group_id=group.id))
    ).people
    waiting = me.some([edge.node.person.id for edge in people.edges])
    if waiting is None:
        return ""
    if me.chance.random() > _LET_IN:
        return await _send_away(me, group, feed.RemoveMemberRequest(group_id=group.id, person_id=waiting))
    request = feed.ApproveMembershipRequest(group_id=group.id, person_id=waiting)
    answer = await me.may("feed", "ApproveMembership", request)
    asked = await keep_request(me, request, answer and answer.moderation, local=group.local)
    return f"asked to let {waiting} into {group.id}: {asked.id}"


async def send_away(me: Client) -> str:
    """Ask for a member to be removed or banned; now and then with no right to it."""
    abuse = me.chance.random() < _ABUSE
    group = me.some(me.reference.groups.of_member(me.id)) if abuse else _moderated(me)
    if group is None:
        return ""
    members = (await me.look("feed", "ListMembers", feed.ListMembersRequest(group_id=group.id))).members
    person = me.some([edge.node.person.id for edge in members.edges if edge.node.person.id != me.id])
    if person is None:
        return ""
    kind = feed.BanMemberRequest if me.chance.random() < _BAN else feed.RemoveMemberRequest
    return await _send_away(me, group, kind(group_id=group.id, person_id=person))


async def unban(me: Client) -> str:
    """Ask for somebody to be let join again who was to be banned."""
    groups = me.reference.groups
    bans = [request for request in groups.requests.values() if request.action == MODERATION_ACTION_BAN]
    banned = me.some([ban for ban in bans if groups.moderates(me.id, ban.group_id)])
    if banned is None:
        return ""
    group, person = groups.by_id[banned.group_id], banned.about
    request = feed.UnbanMemberRequest(group_id=group.id, person_id=person)
    answer = await me.may("feed", "UnbanMember", request)
    asked = await keep_request(me, request, answer and answer.moderation, local=group.local)
    return f"asked to unban {person} of {group.id}: {asked.id}"


async def look_in(me: Client) -> str:
    """Try what nobody may who has never asked to be let in: to read there, to write there, to learn of it at all."""
    groups = me.reference.groups
    closed = [group for group in groups.by_id.values() if group.private and group.owner != me.id]
    group = me.some([group for group in closed if (group.id, me.id) not in groups.asked])
    if group is None:
        return ""
    post = me.some([post for post in me.reference.posts.values() if post.group_id == group.id])
    looks: list[tuple[str, Message]] = [
        ("GetGroup", feed.GetGroupRequest(group_id=group.id)),
        ("ListGroupPosts", feed.ListGroupPostsRequest(group_id=group.id)),
        ("ListMembers", feed.ListMembersRequest(group_id=group.id)),
        ("PublishPost", feed.PublishPostRequest(body="intruded", group_id=group.id)),
    ]
    if post is not None:
        looks.append(("GetThread", feed.GetThreadRequest(post_id=post.id)))
        looks.append(("AddComment", feed.AddCommentRequest(post_id=post.id, body="intruded")))
    method, request = me.chance.choice(looks)
    if isinstance(request, feed.PublishPostRequest | feed.AddCommentRequest):
        await me.must_not("feed", method, request)
    await me.look("feed", method, request)
    raise Violation(f"{me.id} was shown {method} {request} of a private group that they are not in")


async def _send_away(me: Client, group: Group, request: _Sending) -> str:
    me.reference.groups.disputed[group.id, request.person_id] = None
    request.reason = f"reason {me.commands}"
    method = "BanMember" if isinstance(request, feed.BanMemberRequest) else "RemoveMember"
    answer = await me.may("feed", method, request)
    asked = await keep_request(me, request, answer and answer.moderation, local=group.local)
    return f"asked to {method} {request.person_id} of {group.id}: {asked.id}"


async def is_inside(me: Client, group: Group) -> bool:
    """Whether they are shown to be in the group, as far as it is known where they live."""
    try:
        shown = (await me.look("feed", "GetGroup", feed.GetGroupRequest(group_id=group.id))).group
    except Refusal:
        return False
    return bool(shown.viewer_role)


def _moderated(me: Client) -> Group | None:
    groups = me.reference.groups
    return me.some([group for group in groups.by_id.values() if groups.moderates(me.id, group.id)])


DOINGS = ((ask, 6), (let_in, 14), (send_away, 3), (unban, 2), (look_in, 1))
