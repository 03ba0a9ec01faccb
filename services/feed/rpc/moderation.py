"""Hiding and restoring what stands in a group.

A moderator's request goes into their own register, wherever they live, and is decided by a policy in the group's home
region. If that is here, it is decided before the answer, by the same command; if it cannot be just now, the policy will.
"""

from __future__ import annotations

import logging

from samverka.feed.v1 import feed_service_pb2 as pb
from samverka.feed.v1.feed_events_pb2 import MODERATION_ACTION_HIDE, MODERATION_ACTION_RESTORE, ModerationAction
from samverka.feed.v1.feed_views_pb2 import Moderation
from services.chassis.deciding import Intent
from services.chassis.errors import SamverkaError
from services.chassis.eventlog.port import Position
from services.chassis.ids import parse, region_of
from services.feed.commands.decide_moderation import DecideModeration, decide_moderation
from services.feed.commands.request_moderation import RequestModeration, request_moderation
from services.feed.domain.groups import parse_reason
from services.feed.moderating import find_moderation, find_request
from services.feed.rpc.parts import Context, RpcPart

_log = logging.getLogger(__name__)


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

    async def _moderate(
        self, intent: Intent, content_id: str, action: ModerationAction.ValueType, reason: str
    ) -> tuple[Moderation, Position]:
        request_id = intent.object_id(self._decider.ids, "moderation request")
        command = RequestModeration(
            intent, request_id, parse(content_id, field="content_id"), action, parse_reason(reason)
        )
        outcome = await request_moderation(command, decider=self._decider)
        position = await self._decide_if_at_home(request_id) or outcome.position
        return self._shown(lambda db: find_moderation(db, request_id)), position

    async def _decide_if_at_home(self, request_id: str) -> Position | None:
        """Decide the request now if its group is at home here; None if it is not, or cannot be decided now."""
        request = self._runner.store.read_now(lambda db: find_request(db, request_id))
        if request is None or region_of(request.group_id) != self._region:
            return None
        try:
            return (await decide_moderation(DecideModeration(request), decider=self._decider)).position
        except SamverkaError as error:  # the request stands in the log, and the policy tries again
            _log.warning("a request is left to the policy", extra={"request": request_id, "error": str(error)})
            return None
