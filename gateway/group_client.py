"""The groups of the feed service, seen from a request."""

from __future__ import annotations

from typing import Any

import grpc

from gateway.calls import Talk, build, command, command_context, page_items, query, shown
from samverka.feed.v1 import feed_service_pb2 as pb
from samverka.feed.v1 import feed_views_pb2 as views
from samverka.feed.v1.feed_events_pb2 import GroupRole, GroupVisibility
from samverka.feed.v1.feed_service_pb2_grpc import FeedServiceStub


class GroupClient:
    """Groups, who is in them, and what their moderators hide; errors are those of the other clients."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub: Any = FeedServiceStub(channel)

    async def group(self, talk: Talk, *, group_id: str) -> views.Group:
        """Return one group. Raises NotFound."""
        reply = await query(talk, self._stub.GetGroup, build(pb.GetGroupRequest, group_id=group_id))
        return shown(views.Group, reply.group)

    async def groups(self, talk: Talk, *, first: int, after: str) -> views.GroupConnection:
        """Return a page of all groups."""
        request = build(pb.ListGroupsRequest, first=page_items(first), after=after)
        return shown(views.GroupConnection, (await query(talk, self._stub.ListGroups, request)).groups)

    async def posts(self, talk: Talk, *, group_id: str, first: int, after: str) -> views.PostConnection:
        """Return a page of one group's posts. Raises NotFound."""
        request = build(pb.ListGroupPostsRequest, group_id=group_id, first=page_items(first), after=after)
        return shown(views.PostConnection, (await query(talk, self._stub.ListGroupPosts, request)).posts)

    async def create(
        self,
        talk: Talk,
        *,
        key: str,
        name: str,
        about: str,
        reach: views.Reach.ValueType,
        visibility: GroupVisibility.ValueType,
    ) -> views.Group:
        """Create a group, and return it."""
        request = build(
            pb.CreateGroupRequest,
            context=command_context(key),
            name=name,
            about=about,
            reach=reach,
            visibility=visibility,
        )
        return shown(views.Group, (await command(talk, self._stub.CreateGroup, request)).group)

    async def update(self, talk: Talk, *, key: str, group_id: str, name: str | None, about: str | None) -> views.Group:
        """Update the caller's group, None leaving it as it is, and return it."""
        request = build(pb.UpdateGroupRequest, context=command_context(key), group_id=group_id, name=name, about=about)
        return shown(views.Group, (await command(talk, self._stub.UpdateGroup, request)).group)

    async def join(self, talk: Talk, *, key: str, group_id: str) -> views.Group:
        """Join a group, and return it."""
        request = build(pb.JoinGroupRequest, context=command_context(key), group_id=group_id)
        return shown(views.Group, (await command(talk, self._stub.JoinGroup, request)).group)

    async def leave(self, talk: Talk, *, key: str, group_id: str) -> views.Group | None:
        """Leave a group, and return it; None where it is not there for the caller any more."""
        request = build(pb.LeaveGroupRequest, context=command_context(key), group_id=group_id)
        reply = await command(talk, self._stub.LeaveGroup, request)
        return shown(views.Group, reply.group) if reply.HasField("group") else None

    async def set_role(
        self, talk: Talk, *, key: str, group_id: str, person_id: str, role: GroupRole.ValueType
    ) -> views.Group:
        """Give a member of the caller's group a role, and return the group."""
        request = build(
            pb.SetMemberRoleRequest,
            context=command_context(key),
            group_id=group_id,
            person_id=person_id,
            role=role,
        )
        return shown(views.Group, (await command(talk, self._stub.SetMemberRole, request)).group)

    async def hide(self, talk: Talk, *, key: str, content_id: str, reason: str) -> views.Moderation:
        """Ask for content of a group to be hidden, and return what has become of that."""
        request = build(pb.HideContentRequest, context=command_context(key), content_id=content_id, reason=reason)
        return shown(views.Moderation, (await command(talk, self._stub.HideContent, request)).moderation)

    async def restore(self, talk: Talk, *, key: str, content_id: str, reason: str) -> views.Moderation:
        """Ask for content of a group to be shown again, and return what has become of that."""
        request = build(pb.RestoreContentRequest, context=command_context(key), content_id=content_id, reason=reason)
        return shown(views.Moderation, (await command(talk, self._stub.RestoreContent, request)).moderation)
