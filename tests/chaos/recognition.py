"""A little recognition as a journal notes it, and as somebody is shown it who is shown everything that they must be."""

from __future__ import annotations

from dataclasses import replace

from chaos.gifts import Gifts
from chaos.journal import Acknowledged, Refused
from chaos.rules import expect
from chaos.shown_gifts import ShownBadge, ShownGifts
from tests.chaos.content import ANNA, KENJI, noted

MAJA, BOSS = "stockholm_MAJA", "austin_BOSS"
HAND, LIMIT = "stockholm_B", 2


def award(gift: str) -> Acknowledged:
    """Return an award of Anna's as the journal notes it."""
    return noted(ANNA, "awardBadge", gift, badgeId=HAND, receiverId=KENJI, message=f"for {gift}", visibility="PUBLIC")


JOURNAL = (
    noted(KENJI, "updateProfile", managerId=BOSS),
    noted(MAJA, "defineBadge", HAND, name="Hand", criteria="For help.", kind="PEER", value="Care", monthlyLimit=LIMIT),
    noted(
        ANNA, "giveThanks", "stockholm_T1", receiverIds=[KENJI, MAJA], message="m", value="Craft", visibility="PUBLIC"
    ),
    noted(ANNA, "giveThanks", "stockholm_T2", receiverIds=[KENJI], message="among us", visibility="PRIVATE"),
    noted(ANNA, "giveThanks", "stockholm_T3", receiverIds=[MAJA], message="among us two", visibility="PRIVATE"),
    noted(ANNA, "giveThanks", "stockholm_T4", receiverIds=[KENJI], message="too soon", visibility="PUBLIC"),
    noted(ANNA, "withdrawRecognition", recognitionId="stockholm_T4"),
    award("stockholm_A1"),
    award("stockholm_A2"),
    noted(ANNA, "withdrawRecognition", recognitionId="stockholm_A2"),
)
REFUSED = Refused("stockholm", ANNA, "awardBadge", {"badgeId": HAND, "receiverId": MAJA}, "allowance_spent", 0.0)


def expected() -> Gifts:
    return expect(JOURNAL, [REFUSED]).gifts


def shown(person: str = KENJI) -> ShownGifts:
    """Return what somebody is shown by a region that has everything."""
    held = expected()
    hand = held.badges[HAND]
    gifts = [
        (name, replace(gift, value=hand.value if gift.badge else gift.value))
        for name, gift in held.seen_by(person).items()
    ]
    badge = ShownBadge(HAND, hand.name, hand.value, hand.limit, held.awarded[person, HAND])
    people = (person, *held.led_by(person))
    return ShownGifts(person.partition("_")[0], person, gifts, [badge], {of: held.totals_of(of) for of in people})
