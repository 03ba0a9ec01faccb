"""What moderators want: content hidden or restored, people let in or sent away.

A moderator's request goes into their own register, wherever they live, and is decided by a policy in the group's home
region. If that is here, it is decided before the answer, by the same command; if it cannot be just now, the policy will.
"""

from __future__ import annotations

from typing import Protocol

from samverka.feed.v1 import feed_service_pb2 as pb
from samverka.feed.v1.feed_events_pb2 import (
    MODERATION_ACTION_APPROVE,
    MODERATION_ACTION_BAN,
    MODERATION_ACTION_HIDE,
    MODERATION_ACTION_REMOVE,
    MODERATION_ACTION_RESTORE,
    MODERATION_ACTION_UNBAN,
    ModerationAction,
)
from samverka.feed.v1.feed_views_pb2 import Moderation
from services.chassis.deciding import Intent, Outcome
from services.chassis.eventlog.port import Position
from services.chassis.ids import parse
from services.feed.commands.request_admission import RequestAdmission, request_admission
from services.feed.commands.request_moderation import RequestModeration, request_moderation
from services.feed.domain.groups import parse_reason
from services.feed.moderating import find_moderation
from services.feed.rpc.parts import Command, Context, RpcPart


class AboutMember(Command, Protocol):
    """A request of a moderator about somebody."""

    group_id: str
    person_id: str


class ModerationRpc(RpcPart):
    """The commands of moderators."""

    async def HideContent(self, request: pb.HideContentRequest, context: Context) -> pb.HideContentResponse:
        moderation, position = await self._moderate(
            self._intent(request), request.content_id, MODERATION_ACTION_HIDE, request.reason
        )
        return pb.HideContentResponse(moderation=moderation, position=position.message())

    async def RestoreContent(self, request: pb.RestoreContentRequest, context: Context) -> pb.RestoreContentResponse:
        moderation, position = await self._moderate(
            self._intent(request), request.content_id, MODERATION_ACTION_RESTORE, request.reason
        )
        return pb.RestoreContentResponse(moderation=moderation, position=position.message())

    async def ApproveMembership(
        self, request: pb.ApproveMembershipRequest, context: Context
    ) -> pb.ApproveMembershipResponse:
        moderation, position = await self._admit(request, MODERATION_ACTION_APPROVE)
        return pb.ApproveMembershipResponse(moderation=moderation, position=position.message())

    async def RemoveMember(self, request: pb.RemoveMemberRequest, context: Context) -> pb.RemoveMemberResponse:
        moderation, position = await self._admit(request, MODERATION_ACTION_REMOVE, request.reason)
        return pb.RemoveMemberResponse(moderation=moderation, position=position.message())

    async def BanMember(self, request: pb.BanMemberRequest, context: Context) -> pb.BanMemberResponse:
        moderation, position = await self._admit(request, MODERATION_ACTION_BAN, request.reason)
        return pb.BanMemberResponse(moderation=moderation, position=position.message())

    async def UnbanMember(self, request: pb.UnbanMemberRequest, context: Context) -> pb.UnbanMemberResponse:
        moderation, position = await self._admit(request, MODERATION_ACTION_UNBAN)
        return pb.UnbanMemberResponse(moderation=moderation, position=position.message())

    async def _moderate(
        self, intent: Intent, content_id: str, action: ModerationAction.ValueType, reason: str
    ) -> tuple[Moderation, Position]:
        request_id = intent.object_id(self._decider.ids, "moderation request")
        command = RequestModeration(
            intent, request_id, parse(content_id, field="content_id"), action, parse_reason(reason)
        )
        return await self._decided(request_id, await request_moderation(command, decider=self._decider))

    async def _admit(
        self, request: AboutMember, action: ModerationAction.ValueType, reason: str = ""
    ) -> tuple[Moderation, Position]:
        intent = self._intent(request)
        request_id = intent.object_id(self._decider.ids, "moderation request")
        command = RequestAdmission(
            intent,
            request_id,
            parse(request.group_id, field="group_id"),
            parse(request.person_id, field="person_id"),
            action,
            parse_reason(reason),
        )
        return await self._decided(request_id, await request_admission(command, decider=self._decider))

    async def _decided(self, request_id: str, asked: Outcome) -> tuple[Moderation, Position]:
        """Return what has become of a request, decided now if that is ours to do."""
        position = await self._decide_if_at_home(request_id) or asked.position
        return self._shown(lambda db: find_moderation(db, request_id)), position
