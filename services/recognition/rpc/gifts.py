"""Giving thanks, awarding badges, and taking both back."""

from __future__ import annotations

from samverka.recognition.v1 import recognition_service_pb2 as pb
from samverka.recognition.v1.recognition_views_pb2 import Recognition
from services.chassis.auth import current_caller
from services.chassis.ids import parse
from services.recognition.commands.award_badge import AwardBadge, award_badge
from services.recognition.commands.give_thanks import GiveThanks, give_thanks
from services.recognition.commands.withdraw_recognition import WithdrawRecognition, withdraw_recognition
from services.recognition.domain.gifts import parse_message, parse_receivers, parse_value, parse_visibility
from services.recognition.rpc.parts import Context, RpcPart
from services.recognition.views import find_recognition


class GiftsRpc(RpcPart):
    """The commands of givers."""

    async def GiveThanks(self, request: pb.GiveThanksRequest, context: Context) -> pb.GiveThanksResponse:
        intent = self._intent(request)
        command = GiveThanks(
            intent,
            intent.object_id(self._decider.ids, "recognition"),
            parse_receivers(request.receiver_ids, giver=intent.actor, field="receiver_ids"),
            parse_message(request.message),
            parse_value(request.value),
            parse_visibility(request.visibility),
        )
        outcome = await give_thanks(command, decider=self._decider, clock=self._clock)
        recognition = self._shown_to(intent.actor, command.recognition_id)
        return pb.GiveThanksResponse(recognition=recognition, position=outcome.position.message())

    async def AwardBadge(self, request: pb.AwardBadgeRequest, context: Context) -> pb.AwardBadgeResponse:
        intent = self._intent(request)
        [receiver_id] = parse_receivers([request.receiver_id], giver=intent.actor, field="receiver_id")
        command = AwardBadge(
            intent,
            intent.object_id(self._decider.ids, "recognition"),
            parse(request.badge_id, field="badge_id"),
            receiver_id,
            parse_message(request.message),
            parse_visibility(request.visibility),
            current_caller().roles,
        )
        outcome = await award_badge(command, decider=self._decider, clock=self._clock)
        recognition = self._shown_to(intent.actor, command.recognition_id)
        return pb.AwardBadgeResponse(recognition=recognition, position=outcome.position.message())

    async def WithdrawRecognition(
        self, request: pb.WithdrawRecognitionRequest, context: Context
    ) -> pb.WithdrawRecognitionResponse:
        command = WithdrawRecognition(self._intent(request), parse(request.recognition_id, field="recognition_id"))
        outcome = await withdraw_recognition(command, decider=self._decider)
        return pb.WithdrawRecognitionResponse(
            recognition_id=command.recognition_id, position=outcome.position.message()
        )

    def _shown_to(self, viewer: str, recognition_id: str) -> Recognition:
        month = self._month
        return self._shown(lambda db: find_recognition(db, recognition_id, viewer=viewer, month=month))
