"""Forgeries about recognition: of oneself, beyond what a badge lets, and in others' matters."""

from __future__ import annotations

from google.protobuf.message import Message

from samverka.recognition.v1.recognition_events_pb2 import (
    BADGE_KIND_PEER,
    VISIBILITY_PUBLIC,
    BadgeAwarded,
    BadgeDefined,
    BadgeRetired,
    RecognitionWithdrawn,
    ThanksGiven,
)
from services.chassis.ids import derive, region_of
from simulation.forging.forgery import Forgery, Workshop
from simulation.reference.recognition import Gift

_BY = ("recognition", "feed", "search")


def award_beyond(shop: Workshop, mine: str, theirs: str) -> Forgery:
    """Award whatever badge, as often as one likes. Nobody refuses it: whether it counts, its badge says."""
    badges = [*shop.reference.recognition.badges, _never_defined(theirs)]
    award = BadgeAwarded(
        recognition_id=shop.new_id(),
        badge_id=shop.chance.choice(badges),
        receiver_id=theirs,
        message=f"forged {shop.number}",
        visibility=VISIBILITY_PUBLIC,
        given_at_ms=shop.region.clock.wall_ms(),
    )
    shop.reference.recognition.gifts[award.recognition_id] = Gift(
        award.recognition_id, mine, (theirs,), award.message, award.given_at_ms, badge_id=award.badge_id, forged=True
    )
    return _said(shop, "an award that its badge may not let", award, mine, ())


def thanks_to_oneself(shop: Workshop, mine: str, theirs: str) -> Forgery:
    return _said(shop, "thanks to oneself", _thanks(shop, theirs, mine), mine)


def thanks_twice_to_one(shop: Workshop, mine: str, theirs: str) -> Forgery:
    return _said(shop, "thanks twice to one", _thanks(shop, theirs, theirs), mine)


def thanks_with_anothers_id(shop: Workshop, mine: str, theirs: str) -> Forgery:
    thanks = _thanks(shop, theirs)
    thanks.recognition_id = shop.new_id(region=region_of(theirs))
    return _said(shop, "thanks with another's id", thanks, mine)


def withdrawal_of_anothers(shop: Workshop, mine: str, theirs: str) -> Forgery:
    others = [gift.id for gift in shop.reference.recognition.gifts.values() if gift.giver != mine]
    gift_id = shop.chance.choice([*others, shop.new_id()])
    return _said(shop, "a withdrawal of what another gave", RecognitionWithdrawn(recognition_id=gift_id), mine)


def badge_of_another(shop: Workshop, mine: str, theirs: str) -> Forgery:
    badge = BadgeDefined(badge_id=_badge_of(shop, theirs), name="forged", kind=BADGE_KIND_PEER)
    return _said(shop, "another's badge", badge, mine)


def badge_in_its_own_register(shop: Workshop, mine: str, theirs: str) -> Forgery:
    badge_id = _badge_of(shop, theirs)
    badge = BadgeDefined(badge_id=badge_id, name="forged", kind=BADGE_KIND_PEER)
    return Forgery("a badge that is not its region's", _subject(shop, badge_id), shop.sealed(badge, actor=mine))


def badge_defined_again(shop: Workshop, mine: str, theirs: str) -> Forgery:
    """Take the limit off a badge of one's own that others know already."""
    own = [badge.id for badge in shop.reference.recognition.badges.values() if badge.region == shop.region.name]
    if not own:
        return badge_of_another(shop, mine, theirs)
    badge = BadgeDefined(badge_id=shop.chance.choice(own), name="forged", kind=BADGE_KIND_PEER)
    data = shop.sealed(badge, actor=mine)
    return Forgery("a badge that is there already", _subject(shop, badge.badge_id), data, _BY)


def badge_retired_by_another(shop: Workshop, mine: str, theirs: str) -> Forgery:
    retired = BadgeRetired(badge_id=_badge_of(shop, theirs))
    return _said(shop, "the end of another's badge", retired, mine, ("recognition",))


def _thanks(shop: Workshop, *receivers: str) -> ThanksGiven:
    return ThanksGiven(
        recognition_id=shop.new_id(),
        receiver_ids=receivers,
        message="forged",
        visibility=VISIBILITY_PUBLIC,
        given_at_ms=shop.region.clock.wall_ms(),
    )


def _badge_of(shop: Workshop, person: str) -> str:
    """Return a badge at home with somebody, or one that there never was."""
    badges = [badge.id for badge in shop.reference.recognition.badges.values() if badge.region == region_of(person)]
    return shop.chance.choice(badges) if badges else _never_defined(person)


def _never_defined(person: str) -> str:
    return derive(region_of(person), "never defined")


def _said(shop: Workshop, kind: str, payload: Message, mine: str, refused_by: tuple[str, ...] = _BY) -> Forgery:
    return Forgery(kind, _subject(shop, mine), shop.sealed(payload, actor=mine), refused_by)


def _subject(shop: Workshop, owner: str) -> str:
    return shop.subject(owner, service="recognition")


FORGERIES = (
    award_beyond,
    award_beyond,
    thanks_to_oneself,
    thanks_twice_to_one,
    thanks_with_anothers_id,
    withdrawal_of_anothers,
    badge_of_another,
    badge_in_its_own_register,
    badge_defined_again,
    badge_retired_by_another,
)
