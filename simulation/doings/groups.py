"""Groups: creating, joining and leaving them, and giving roles."""

from __future__ import annotations

from samverka.feed.v1 import feed_service_pb2 as feed
from samverka.feed.v1.feed_events_pb2 import (
    GROUP_ROLE_MEMBER,
    GROUP_ROLE_MODERATOR,
    GROUP_VISIBILITY_PRIVATE,
    GROUP_VISIBILITY_UNSPECIFIED,
    GroupCreated,
)
from samverka.feed.v1.feed_views_pb2 import REACH_LOCAL, REACH_UNSPECIFIED
from simulation.calling import Client
from simulation.doings import admission
from simulation.reference.groups import Group

_LOCAL = 0.25
_PRIVATE = 0.5
_GROUPS_MAX = 2
"""Few, so that people meet in them."""
_PROMOTED = 0.9


async def create(me: Client) -> str:
    groups = me.reference.groups
    if len(groups.by_id) >= _GROUPS_MAX:
        return await join(me)
    return await create_as(me, local=me.chance.random() < _LOCAL, private=me.chance.random() < _PRIVATE)


async def create_as(me: Client, *, local: bool, private: bool) -> str:
    groups = me.reference.groups
    name = f"Group {len(groups.by_id)}"
    request = feed.CreateGroupRequest(
        name=name,
        reach=REACH_LOCAL if local else REACH_UNSPECIFIED,
        visibility=GROUP_VISIBILITY_PRIVATE if private else GROUP_VISIBILITY_UNSPECIFIED,
    )
    answer = await me.must("feed", "CreateGroup", request)
    group_id = answer.group.id if answer else (await me.made_by(request, GroupCreated)).group_id
    groups.by_id[group_id] = group = Group(group_id, me.id, name, local, private)
    await admission.keep_join(me, group, request)
    return f"created {group_id}{' here alone' if local else ''}{', private' if private else ''}"


async def join(me: Client) -> str:
    """Join a public group, or again one that may have sent them away; or ask a private one."""
    groups = me.reference.groups
    public = [group for group in groups.by_id.values() if not group.private]
    group = me.some([g for g in public if (g.id, me.id) not in groups.memberships or groups.is_disputed(me.id, g)])
    if group is None:
        return await admission.ask(me)
    request = feed.JoinGroupRequest(group_id=group.id)
    await me.may("feed", "JoinGroup", request)
    await admission.keep_join(me, group, request)
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
    plain = [pair for pair in members if groups.given.get(pair) != GROUP_ROLE_MODERATOR]
    promote = bool(plain) and me.chance.random() < _PROMOTED
    member, role = me.some(plain if promote else members), GROUP_ROLE_MODERATOR if promote else GROUP_ROLE_MEMBER
    if member is None:
        return ""
    request = feed.SetMemberRoleRequest(group_id=member[0], person_id=member[1], role=role)
    await me.may("feed", "SetMemberRole", request)
    groups.given[member] = role
    return f"made {member[1]} a {'moderator' if role == GROUP_ROLE_MODERATOR else 'member'} of {member[0]}"


async def seize(me: Client) -> str:
    """Try to take a role in a group of somebody else's."""
    group = me.some([group for group in me.reference.groups.by_id.values() if group.owner != me.id])
    if group is not None:
        request = feed.SetMemberRoleRequest(group_id=group.id, person_id=me.id, role=GROUP_ROLE_MODERATOR)
        await me.must_not("feed", "SetMemberRole", request)
    return ""


DOINGS = ((create, 4), (join, 5), (leave, 1), (give_role, 9), (seize, 1))
