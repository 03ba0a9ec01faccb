"""Who is in the groups of the feed service, seen from a request."""

from __future__ import annotations

from typing import Any

import grpc

from gateway.calls import Talk, build, command, command_context, page_items, query, shown
from samverka.feed.v1 import feed_service_pb2 as pb
from samverka.feed.v1 import feed_views_pb2 as views
from samverka.feed.v1.feed_service_pb2_grpc import FeedServiceStub


class MemberClient:
    """Who is in, who wants to be, and what moderators decide about them; errors are those of the other clients."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub: Any = FeedServiceStub(channel)

    async def members(self, talk: Talk, *, group_id: str, first: int, after: str) -> views.MemberConnection:
        """Return a page of a group's members. Raises NotFound."""
        request = build(pb.ListMembersRequest, group_id=group_id, first=page_items(first), after=after)
        return shown(views.MemberConnection, (await query(talk, self._stub.ListMembers, request)).members)

    async def requests(self, talk: Talk, *, group_id: str, first: int, after: str) -> views.MemberConnection:
        """Return a page of those who wait to be let in. Raises NotFound, and Forbidden for who does not moderate."""
        request = build(pb.ListMembershipRequestsRequest, group_id=group_id, first=page_items(first), after=after)
        return shown(views.MemberConnection, (await query(talk, self._stub.ListMembershipRequests, request)).people)

    async def request(self, talk: Talk, *, key: str, group_id: str) -> pb.RequestMembershipResponse:
        """Ask a private group to be let in, and return what has become of that."""
        request = build(pb.RequestMembershipRequest, context=command_context(key), group_id=group_id)
        return shown(pb.RequestMembershipResponse, await command(talk, self._stub.RequestMembership, request))

    async def approve(self, talk: Talk, *, key: str, group_id: str, person_id: str) -> views.Moderation:
        """Let somebody in, and return what has become of that."""
        about = {"context": command_context(key), "group_id": group_id, "person_id": person_id}
        return await self._decide(talk, self._stub.ApproveMembership, build(pb.ApproveMembershipRequest, **about))

    async def remove(self, talk: Talk, *, key: str, group_id: str, person_id: str, reason: str) -> views.Moderation:
        """Take somebody out of a group or decline their request, and return what has become of that."""
        about = {"context": command_context(key), "group_id": group_id, "person_id": person_id, "reason": reason}
        return await self._decide(talk, self._stub.RemoveMember, build(pb.RemoveMemberRequest, **about))

    async def ban(self, talk: Talk, *, key: str, group_id: str, person_id: str, reason: str) -> views.Moderation:
        """Ban somebody from a group, and return what has become of that."""
        about = {"context": command_context(key), "group_id": group_id, "person_id": person_id, "reason": reason}
        return await self._decide(talk, self._stub.BanMember, build(pb.BanMemberRequest, **about))

    async def unban(self, talk: Talk, *, key: str, group_id: str, person_id: str) -> views.Moderation:
        """Take a ban back, and return what has become of that."""
        about = {"context": command_context(key), "group_id": group_id, "person_id": person_id}
        return await self._decide(talk, self._stub.UnbanMember, build(pb.UnbanMemberRequest, **about))

    async def _decide(self, talk: Talk, method: Any, request: Any) -> views.Moderation:
        return shown(views.Moderation, (await command(talk, method, request)).moderation)
