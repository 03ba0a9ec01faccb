"""Defining and retiring badges, and reading them."""

from __future__ import annotations

from samverka.recognition.v1 import recognition_service_pb2 as pb
from samverka.recognition.v1.recognition_views_pb2 import Badge
from services.chassis.auth import current_caller, require_role
from services.chassis.errors import NotFound
from services.chassis.ids import parse
from services.recognition.commands.define_badge import DefineBadge, define_badge
from services.recognition.commands.retire_badge import RetireBadge, retire_badge
from services.recognition.domain.badges import (
    DEFINER,
    parse_awarders,
    parse_badge_name,
    parse_criteria,
    parse_kind,
    parse_monthly_limit,
)
from services.recognition.domain.gifts import parse_value
from services.recognition.queries.list_badges import list_badges
from services.recognition.rpc.parts import Context, RpcPart
from services.recognition.views import find_badge


class BadgesRpc(RpcPart):
    """The commands and questions about badges."""

    async def DefineBadge(self, request: pb.DefineBadgeRequest, context: Context) -> pb.DefineBadgeResponse:
        require_role(DEFINER)
        intent = self._intent(request)
        command = DefineBadge(
            intent,
            intent.object_id(self._decider.ids, "badge"),
            parse_badge_name(request.name),
            parse_criteria(request.criteria),
            parse_kind(request.kind),
            parse_value(request.value),
            parse_monthly_limit(request.monthly_limit),
            parse_awarders(request.awarder_ids, request.kind),
        )
        outcome = await define_badge(command, decider=self._decider)
        badge = self._shown_badge(command.badge_id, viewer=intent.actor)
        return pb.DefineBadgeResponse(badge=badge, position=outcome.position.message())

    async def RetireBadge(self, request: pb.RetireBadgeRequest, context: Context) -> pb.RetireBadgeResponse:
        require_role(DEFINER)
        intent = self._intent(request)
        command = RetireBadge(intent, self._region, parse(request.badge_id, field="badge_id"))
        outcome = await retire_badge(command, decider=self._decider)
        badge = self._shown_badge(command.badge_id, viewer=intent.actor)
        return pb.RetireBadgeResponse(badge=badge, position=outcome.position.message())

    async def GetBadge(self, request: pb.GetBadgeRequest, context: Context) -> pb.GetBadgeResponse:
        badge_id, viewer, month = parse(request.badge_id, field="badge_id"), current_caller().person_id, self._month
        badge = self._runner.store.read_now(lambda db: find_badge(db, badge_id, viewer=viewer, month=month))
        if badge is None:
            raise NotFound("There is no such badge.", code="badge_not_found", field="badge_id")
        return pb.GetBadgeResponse(badge=badge)

    async def ListBadges(self, request: pb.ListBadgesRequest, context: Context) -> pb.ListBadgesResponse:
        viewer, month, epoch = current_caller().person_id, self._month, self._runner.position.epoch
        page = self._page(request.first, request.after)
        badges = self._runner.store.read_now(
            lambda db: list_badges(db, page, retired_too=request.retired_too, viewer=viewer, month=month, epoch=epoch)
        )
        return pb.ListBadgesResponse(badges=badges)

    def _shown_badge(self, badge_id: str, *, viewer: str) -> Badge:
        month = self._month
        return self._shown(lambda db: find_badge(db, badge_id, viewer=viewer, month=month))
