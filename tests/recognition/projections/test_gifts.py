"""What is made of gifts that come early, too often, or from who had no right to give them."""

from __future__ import annotations

from google.protobuf.message import Message

from samverka.profile.v1.profile_events_pb2 import PersonRegistered
from samverka.recognition.v1.recognition_events_pb2 import (
    BADGE_KIND_OFFICIAL,
    BADGE_KIND_PEER,
    BADGE_KIND_UNSPECIFIED,
    VISIBILITY_PUBLIC,
    VISIBILITY_UNSPECIFIED,
    BadgeAwarded,
    BadgeDefined,
    BadgeRetired,
    RecognitionWithdrawn,
    ThanksGiven,
)
from services.chassis.awards import RECEIVERS_MAX
from services.recognition.projections import recognition_projection
from tests.support.tables import Tables, an_id

ANNA, BENGT, AKIRA = an_id("anna"), an_id("bengt"), an_id("akira", region="tokyo")
HAND, THANKS = an_id("hand"), an_id("thanks")
NOVEMBER_MS, DECEMBER_MS = 1_700_000_000_000, 1_702_000_000_000


def tables() -> Tables:
    made = Tables(recognition_projection())
    for person in (ANNA, BENGT, AKIRA):
        made.apply(PersonRegistered(person_id=person, handle="h", name="N"), actor=person)
    return made


def thanks(**fields: object) -> ThanksGiven:
    given = {"recognition_id": THANKS, "receiver_ids": [BENGT], "visibility": VISIBILITY_PUBLIC, "given_at_ms": 1}
    return ThanksGiven(**(given | fields))  # type: ignore[arg-type]


def award(number: int, *, receiver: str = BENGT, at_ms: int = NOVEMBER_MS, region: str = "stockholm") -> BadgeAwarded:
    return BadgeAwarded(
        recognition_id=an_id(f"award {number}", region=region),
        badge_id=HAND,
        receiver_id=receiver,
        visibility=VISIBILITY_PUBLIC,
        given_at_ms=at_ms,
    )


def hand(**fields: object) -> BadgeDefined:
    defined = {"badge_id": HAND, "name": "Hand", "kind": BADGE_KIND_PEER}
    return BadgeDefined(**(defined | fields))  # type: ignore[arg-type]


def counting(made: Tables) -> list[int]:
    return [counts for (counts,) in made.rows("select counts from recognitions order by sequence")]


def test_an_award_before_its_badge_is_kept_and_counts_when_it_comes() -> None:
    made = tables()
    assert made.apply(award(1), actor=ANNA)
    assert counting(made) == [0]

    assert made.apply(hand(), actor=ANNA, owner=HAND)
    assert counting(made) == [1]


def test_awards_beyond_the_limit_never_count_whichever_comes_first() -> None:
    for badge_comes_first in (True, False):
        made = tables()
        awards: list[tuple[Message, str]] = [(award(number), ANNA) for number in range(3)]
        awards.append((award(3, at_ms=DECEMBER_MS), ANNA))
        badge: list[tuple[Message, str]] = [(hand(monthly_limit=2), HAND)]
        for payload, owner in badge + awards if badge_comes_first else awards + badge:
            assert made.apply(payload, actor=ANNA, owner=owner)

        assert counting(made) == [1, 1, 0, 1]


def test_a_withdrawn_award_is_still_one_of_its_month() -> None:
    made = tables()
    made.apply(hand(monthly_limit=1), actor=ANNA, owner=HAND)
    made.apply(award(1), actor=ANNA)
    made.apply(RecognitionWithdrawn(recognition_id=award(1).recognition_id), actor=ANNA)
    made.apply(award(2), actor=ANNA)

    assert counting(made) == [0, 0]


def test_an_official_badge_of_another_home_counts_from_those_it_names_alone() -> None:
    made = tables()
    made.apply(hand(kind=BADGE_KIND_OFFICIAL), actor=ANNA, owner=HAND)
    made.apply(award(1), actor=ANNA)
    made.apply(award(2, region="tokyo"), actor=AKIRA)
    assert counting(made) == [1, 0]

    named = tables()
    named.apply(hand(kind=BADGE_KIND_OFFICIAL, awarder_ids=[AKIRA]), actor=ANNA, owner=HAND)
    named.apply(award(1), actor=ANNA)
    named.apply(award(2, region="tokyo"), actor=AKIRA)
    assert counting(named) == [0, 1]


def test_what_no_command_would_have_given_is_refused() -> None:
    many = [an_id(f"person {number}") for number in range(RECEIVERS_MAX + 1)]
    forged = [
        thanks(recognition_id=an_id("thanks", region="tokyo")),
        thanks(receiver_ids=[]),
        thanks(receiver_ids=[BENGT, ANNA]),
        thanks(receiver_ids=[BENGT, BENGT]),
        thanks(receiver_ids=["bengt"]),
        thanks(receiver_ids=many),
        thanks(visibility=VISIBILITY_UNSPECIFIED),
        thanks(visibility=9),
        thanks(given_at_ms=-1),
        thanks(given_at_ms=2**62),
        award(1, receiver=ANNA),
    ]
    made = tables()
    for payload in forged:
        assert not made.apply(payload, actor=ANNA), payload
    assert not made.rows("select * from recognitions")


def test_nobody_gives_again_or_withdraws_what_another_gave() -> None:
    made = tables()
    assert made.apply(thanks(), actor=ANNA)

    assert not made.apply(thanks(message="again"), actor=ANNA)
    assert not made.apply(thanks(receiver_ids=[ANNA]), actor=BENGT)
    assert not made.apply(RecognitionWithdrawn(recognition_id=THANKS), actor=AKIRA)
    assert made.apply(RecognitionWithdrawn(recognition_id=THANKS), actor=ANNA)
    assert not made.apply(RecognitionWithdrawn(recognition_id=THANKS), actor=ANNA)


def test_a_badge_is_its_home_s_and_of_a_kind_that_is_known() -> None:
    made = tables()
    forged = [
        (hand(), AKIRA, HAND),
        (hand(), ANNA, an_id("another")),
        (hand(kind=BADGE_KIND_UNSPECIFIED), ANNA, HAND),
        (hand(monthly_limit=2**31), ANNA, HAND),
        (hand(awarder_ids=[ANNA]), ANNA, HAND),
        (BadgeRetired(badge_id=HAND), ANNA, HAND),
    ]
    for payload, actor, owner in forged:
        assert not made.apply(payload, actor=actor, owner=owner), payload

    assert made.apply(hand(), actor=ANNA, owner=HAND)
    assert not made.apply(hand(name="Other"), actor=ANNA, owner=HAND)
    assert not made.apply(BadgeRetired(badge_id=HAND), actor=AKIRA, owner=HAND)
    assert made.apply(BadgeRetired(badge_id=HAND), actor=BENGT, owner=HAND)
