"""Recognition: thanks, badges within their allowances, and taking back what one gave."""

from __future__ import annotations

from samverka.recognition.v1 import recognition_service_pb2 as recognition
from samverka.recognition.v1.recognition_events_pb2 import (
    BADGE_KIND_OFFICIAL,
    BADGE_KIND_PEER,
    VISIBILITY_PRIVATE,
    VISIBILITY_PUBLIC,
    BadgeAwarded,
    BadgeDefined,
    ThanksGiven,
    Visibility,
)
from simulation.calling import Client, Refusal, personal
from simulation.reference.recognition import Badge, Gift
from simulation.trace import Violation

BADGES_MAX = 2
"""Few, so that their allowances are spent."""
_LIMITS = (0, 1, 1, 2)
_OFFICIAL = 0.4
_PRIVATE = 0.25
_THANKED_MAX = 2

Request = recognition.GiveThanksRequest | recognition.AwardBadgeRequest
Made = recognition.GiveThanksResponse | recognition.AwardBadgeResponse | ThanksGiven | BadgeAwarded


async def define(me: Client) -> str:
    """Define a badge, as a community manager may; who is none tries in vain."""
    badges, people = me.reference.recognition.badges, list(me.reference.people)
    if len(badges) >= BADGES_MAX:
        return await award(me)
    official = me.chance.random() < _OFFICIAL
    awarders = me.chance.sample(people, 1) if official and me.chance.random() < 0.5 else []
    request = recognition.DefineBadgeRequest(
        name=f"Badge {len(badges)}",
        criteria="For what helps.",
        kind=BADGE_KIND_OFFICIAL if official else BADGE_KIND_PEER,
        monthly_limit=me.chance.choice(_LIMITS),
        awarder_ids=awarders,
    )
    if not _is_manager(me):
        await me.must_not("recognition", "DefineBadge", request)
    answer = await me.may("recognition", "DefineBadge", request)
    badge_id = answer.badge.id if answer else (await me.made_by(request, BadgeDefined)).badge_id
    badges[badge_id] = Badge(badge_id, request.name, request.monthly_limit, awarders if official else None)
    return f"defined {badge_id}, at most {request.monthly_limit} a month"


async def retire(me: Client) -> str:
    mine = [badge for badge in me.reference.recognition.badges.values() if badge.region == me.region.name]
    badge = me.some([badge for badge in mine if not badge.retired]) if _is_manager(me) else None
    if badge is None:
        return ""
    await me.may("recognition", "RetireBadge", recognition.RetireBadgeRequest(badge_id=badge.id))
    badge.retired = True
    return f"retired {badge.id}"


async def award(me: Client) -> str:
    """Award a badge, now and then more often than one may, or one that one may not."""
    badge, receiver = me.some(list(me.reference.recognition.badges.values())), me.some(_others(me))
    if badge is None or receiver is None:
        return ""
    request = recognition.AwardBadgeRequest(
        badge_id=badge.id, receiver_id=receiver, message=_message(me), visibility=_visibility(me)
    )
    if not _may_award(me, badge):
        await me.must_not("recognition", "AwardBadge", request)
    answer = await me.may("recognition", "AwardBadge", request)
    event = answer or await me.made_by(request, BadgeAwarded)
    gift = _keep(me, request, event, receivers=(receiver,), badge_id=badge.id)
    return f"awarded {badge.id} to {receiver}: {gift.id}"


async def thank(me: Client) -> str:
    others = _others(me)
    if not others:
        return ""
    receivers = me.chance.sample(others, min(len(others), me.chance.randint(1, _THANKED_MAX)))
    request = recognition.GiveThanksRequest(receiver_ids=receivers, message=_message(me), visibility=_visibility(me))
    answer = await me.may("recognition", "GiveThanks", request)
    event = answer or await me.made_by(request, ThanksGiven)
    gift = _keep(me, request, event, receivers=tuple(receivers))
    return f"thanked {', '.join(receivers)}: {gift.id}"


async def withdraw(me: Client) -> str:
    gift = me.some(me.reference.recognition.by(me.id))
    if gift is None:
        return ""
    request = recognition.WithdrawRecognitionRequest(recognition_id=gift.id)
    try:
        await me.may("recognition", "WithdrawRecognition", request)
    except Refusal as refusal:
        if me.erased or set(gift.receivers) <= me.reference.erased.keys():
            raise  # nobody sees any more what was given to nobody else
        raise Violation(f"{me.id} was refused to withdraw {gift.id}: {refusal}") from refusal
    gift.withdrawn = True
    return f"withdrew {gift.id}"


async def praise_oneself(me: Client) -> str:
    """Try what nobody may: to thank oneself, and to withdraw what another gave."""
    request = recognition.GiveThanksRequest(receiver_ids=[me.id], message=_message(me))
    await me.must_not("recognition", "GiveThanks", request)
    gift = me.some([gift for gift in me.reference.recognition.gifts.values() if gift.giver != me.id])
    if gift is not None:
        withdrawal = recognition.WithdrawRecognitionRequest(recognition_id=gift.id)
        await me.must_not("recognition", "WithdrawRecognition", withdrawal)
    return ""


def _keep(me: Client, request: Request, made: Made, *, receivers: tuple[str, ...], badge_id: str = "") -> Gift:
    """Keep in the reference what was given, as its answer shows it or its event says it."""
    if isinstance(made, ThanksGiven | BadgeAwarded):
        gift_id, given_at_ms = made.recognition_id, made.given_at_ms
    else:
        gift_id, given_at_ms = made.recognition.id, made.recognition.given_at_ms
    gift = Gift(
        gift_id,
        me.id,
        receivers,
        request.message,
        given_at_ms,
        badge_id=badge_id,
        private=request.visibility == VISIBILITY_PRIVATE,
    )
    me.reference.recognition.gifts[gift.id] = gift
    return gift


def _may_award(me: Client, badge: Badge) -> bool:
    """Whether they may award it at all; one that nobody in particular awards, a manager of its home does."""
    if badge.awarders is not None and not badge.awarders and not _is_manager(me):
        return False
    return badge.is_awarded_by(me.id)


def _is_manager(me: Client) -> bool:
    return "community_manager" in me.caller.roles


def _visibility(me: Client) -> Visibility.ValueType:
    return VISIBILITY_PRIVATE if me.chance.random() < _PRIVATE else VISIBILITY_PUBLIC


def _others(me: Client) -> list[str]:
    return [person for person in me.reference.people if person != me.id]


def _message(me: Client) -> str:
    return f"{personal(me.caller.subject)} is grateful {me.commands}"


DOINGS = ((define, 4), (retire, 1), (award, 8), (thank, 5), (withdraw, 3), (praise_oneself, 1))
