"""Groups: creating, joining and leaving them, and giving roles."""

from __future__ import annotations

from samverka.feed.v1 import feed_service_pb2 as feed
from samverka.feed.v1.feed_events_pb2 import GROUP_ROLE_MEMBER, GROUP_ROLE_MODERATOR, GroupCreated
from samverka.feed.v1.feed_views_pb2 import REACH_LOCAL, REACH_UNSPECIFIED
from simulation.calling import Client
from simulation.reference.groups import Group
from simulation.trace import Violation

_LOCAL = 0.25
_GROUPS_MAX = 2
"""Few, so that people meet in them."""
_PROMOTED = 0.9


async def create(me: Client) -> str:
    groups = me.reference.groups
    if len(groups.by_id) >= _GROUPS_MAX:
        return await join(me)
    name, local = f"Group {len(groups.by_id)}", me.chance.random() < _LOCAL
    request = feed.CreateGroupRequest(name=name, about="", reach=REACH_LOCAL if local else REACH_UNSPECIFIED)
    answer = await me.must("feed", "CreateGroup", request)
    group_id = answer.group.id if answer else (await me.made_by(request, GroupCreated)).group_id
    groups.by_id[group_id] = Group(group_id, me.id, name, local)
    groups.memberships[group_id, me.id] = None
    return f"created {group_id}{' here alone' if local else ''}"


async def join(me: Client) -> str:
    groups = me.reference.groups
    group = me.some([group for group in groups.by_id.values() if (group.id, me.id) not in groups.memberships])
    if group is None:
        return ""
    await me.may("feed", "JoinGroup", feed.JoinGroupRequest(group_id=group.id))
    if not me.sees(group.id, local=group.local):
        raise Violation(f"{me.id} could join {group.id}, which is local elsewhere")
    groups.memberships[group.id, me.id] = None
    return f"joined {group.id}"


async def leave(me: Client) -> str:
    group = me.some([group for group in me.reference.groups.of_member(me.id) if group.owner != me.id])
    if group is None:
        return ""
    await me.must("feed", "LeaveGroup", feed.LeaveGroupRequest(group_id=group.id))
    del me.reference.groups.memberships[group.id, me.id]
    return f"left {group.id}"


async def give_role(me: Client) -> str:
    """Give somebody a role; asking for the one that they have changes nothing."""
    groups = me.reference.groups
    owned = [group.id for group in groups.by_id.values() if group.owner == me.id]
    members = [pair for pair in groups.memberships if pair[0] in owned and pair[1] != me.id]
    plain = [pair for pair in members if groups.roles.get(pair) != GROUP_ROLE_MODERATOR]
    promote = bool(plain) and me.chance.random() < _PROMOTED
    member, role = me.some(plain if promote else members), GROUP_ROLE_MODERATOR if promote else GROUP_ROLE_MEMBER
    if member is None:
        return ""
    request = feed.SetMemberRoleRequest(group_id=member[0], person_id=member[1], role=role)
    await me.may("feed", "SetMemberRole", request)
    if groups.roles.get(member, GROUP_ROLE_MEMBER) != role:
        groups.roles[member] = role
    return f"made {member[1]} a {'moderator' if role == GROUP_ROLE_MODERATOR else 'member'} of {member[0]}"


async def seize(me: Client) -> str:
    """Try to take a role in a group of somebody else's."""
    group = me.some([group for group in me.reference.groups.by_id.values() if group.owner != me.id])
    if group is not None:
        request = feed.SetMemberRoleRequest(group_id=group.id, person_id=me.id, role=GROUP_ROLE_MODERATOR)
        await me.must_not("feed", "SetMemberRole", request)
    return ""


DOINGS = ((create, 4), (join, 5), (leave, 1), (give_role, 9), (seize, 1))
