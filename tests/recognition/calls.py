"""What a member does at the recognition service, one function a call."""

from __future__ import annotations

from collections.abc import Sequence

from samverka.profile.v1 import profile_service_pb2 as profile
from samverka.recognition.v1 import recognition_service_pb2 as pb
from samverka.recognition.v1.recognition_events_pb2 import (
    BADGE_KIND_PEER,
    VISIBILITY_PRIVATE,
    VISIBILITY_PUBLIC,
    BadgeKind,
    Visibility,
)
from samverka.recognition.v1.recognition_views_pb2 import (
    Badge,
    BadgeConnection,
    Recognition,
    RecognitionConnection,
    ReviewStatement,
)
from tests.support.services import Member, Replica, key

FAR_MS = 4_000_000_000_000


async def thank(
    giver: Member,
    *receivers: str,
    message: str = "Thank you!",
    value: str = "",
    private: bool = False,
    under: str = "",
    replica: Replica | None = None,
) -> Recognition:
    request = pb.GiveThanksRequest(
        context=key(under), receiver_ids=receivers, message=message, value=value, visibility=_visibility(private)
    )
    at = replica or giver.region.recognition
    answer: pb.GiveThanksResponse = await giver.ask(at.recognition.GiveThanks, request)
    return answer.recognition


async def award(
    giver: Member,
    badge_id: str,
    receiver: str,
    *,
    message: str = "Well done.",
    private: bool = False,
    under: str = "",
    replica: Replica | None = None,
) -> Recognition:
    request = pb.AwardBadgeRequest(
        context=key(under), badge_id=badge_id, receiver_id=receiver, message=message, visibility=_visibility(private)
    )
    at = replica or giver.region.recognition
    answer: pb.AwardBadgeResponse = await giver.ask(at.recognition.AwardBadge, request)
    return answer.recognition


async def withdraw(giver: Member, recognition_id: str) -> str:
    request = pb.WithdrawRecognitionRequest(recognition_id=recognition_id)
    answer: pb.WithdrawRecognitionResponse = await giver.ask(
        giver.region.recognition.recognition.WithdrawRecognition, request
    )
    return answer.recognition_id


async def define(
    manager: Member,
    name: str = "Helping hand",
    *,
    criteria: str = "For help that nobody had asked for.",
    kind: BadgeKind.ValueType = BADGE_KIND_PEER,
    value: str = "",
    limit: int = 0,
    awarders: Sequence[str] = (),
    under: str = "",
) -> Badge:
    request = pb.DefineBadgeRequest(
        context=key(under),
        name=name,
        criteria=criteria,
        kind=kind,
        value=value,
        monthly_limit=limit,
        awarder_ids=awarders,
    )
    answer: pb.DefineBadgeResponse = await manager.ask(manager.region.recognition.recognition.DefineBadge, request)
    return answer.badge


async def retire(manager: Member, badge_id: str) -> Badge:
    request = pb.RetireBadgeRequest(badge_id=badge_id)
    answer: pb.RetireBadgeResponse = await manager.ask(manager.region.recognition.recognition.RetireBadge, request)
    return answer.badge


async def badge(viewer: Member, badge_id: str) -> Badge:
    request = pb.GetBadgeRequest(badge_id=badge_id)
    answer: pb.GetBadgeResponse = await viewer.ask(viewer.region.recognition.recognition.GetBadge, request)
    return answer.badge


async def badges(viewer: Member, *, first: int = 0, after: str = "", retired_too: bool = False) -> BadgeConnection:
    request = pb.ListBadgesRequest(first=first, after=after, retired_too=retired_too)
    answer: pb.ListBadgesResponse = await viewer.ask(viewer.region.recognition.recognition.ListBadges, request)
    return answer.badges


async def recognition(viewer: Member, recognition_id: str) -> Recognition:
    request = pb.GetRecognitionRequest(recognition_id=recognition_id)
    answer: pb.GetRecognitionResponse = await viewer.ask(viewer.region.recognition.recognition.GetRecognition, request)
    return answer.recognition


async def listed(viewer: Member, *, of: str = "", first: int = 0, after: str = "") -> RecognitionConnection:
    request = pb.ListRecognitionsRequest(person_id=of, first=first, after=after)
    answer: pb.ListRecognitionsResponse = await viewer.ask(
        viewer.region.recognition.recognition.ListRecognitions, request
    )
    return answer.recognitions


async def ids(viewer: Member, *, of: str = "") -> list[str]:
    return [edge.node.id for edge in (await listed(viewer, of=of)).edges]


async def statement(
    viewer: Member, person_id: str, *, from_ms: int = 0, to_ms: int = FAR_MS, first: int = 0, after: str = ""
) -> ReviewStatement:
    request = pb.GetReviewStatementRequest(person_id=person_id, from_ms=from_ms, to_ms=to_ms, first=first, after=after)
    answer: pb.GetReviewStatementResponse = await viewer.ask(
        viewer.region.recognition.recognition.GetReviewStatement, request
    )
    return answer.statement


async def lead(person: Member, manager_id: str) -> None:
    """Have a person say who leads them."""
    await person.ask(person.region.profile.profile.EditProfile, profile.EditProfileRequest(manager_id=manager_id))


def _visibility(private: bool) -> Visibility.ValueType:
    return VISIBILITY_PRIVATE if private else VISIBILITY_PUBLIC
