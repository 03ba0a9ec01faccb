"""Facts about what is left when people are erased: what there would be without them, and what others did about them."""

from __future__ import annotations

from chaos.erased import remains
from chaos.expected import Expected
from chaos.findable import found_by
from chaos.gifts import Totals
from chaos.rules import expect
from chaos.words import word_of
from tests.chaos import circles, content, recognition
from tests.chaos.circles import CIRCLE
from tests.chaos.content import ANNA, KENJI, noted
from tests.chaos.recognition import BOSS, HAND, MAJA

ERASURE = "tokyo_E1"
KENJI_GOES = noted(KENJI, "requestErasure", ERASURE, personId=KENJI)


def without_kenji() -> Expected:
    return expect([*content.JOURNAL, KENJI_GOES])


def test_what_they_wrote_is_shown_nowhere_and_what_others_wrote_stays() -> None:
    held = without_kenji()

    posts = held.posts_of("tokyo")
    assert posts.keys() == {f"stockholm_{name}" for name in ("P1", "P2", "Q1", "Q2", "Q3")}
    assert held.comments_on(posts) == {}
    assert held.questions_of("tokyo")["UNANSWERED"] == ["stockholm_Q1", "stockholm_Q2", "stockholm_Q3"]
    assert held.groups["stockholm_G"].members == {ANNA}


def test_nor_counts_what_they_did_to_others() -> None:
    held = without_kenji()

    assert held.reactions == set()
    assert held.helped == {("tokyo_A1", ANNA)}
    assert held.follows == set()


def test_whom_others_follow_they_go_on_following() -> None:
    followed = noted(ANNA, "followPerson", personId=KENJI)

    assert expect([*content.JOURNAL, followed, KENJI_GOES]).follows == {(ANNA, KENJI)}


def test_it_does_not_matter_when_others_wrote_about_them() -> None:
    late = (
        noted(ANNA, "addComment", "stockholm_C9", postId="tokyo_P4", body="agreed"),
        noted(ANNA, "followPerson", personId=KENJI),
    )

    assert expect([*content.JOURNAL, *late, KENJI_GOES]) == expect([*content.JOURNAL, KENJI_GOES, *late])


def test_what_nobody_may_be_shown_is_known_by_its_id() -> None:
    unnamed = noted(KENJI, "addComment", postId="stockholm_P1", body="nobody told me its id")
    held = expect([*content.JOURNAL, unnamed, KENJI_GOES])

    written = {f"tokyo_{name}" for name in ("P4", "P5", "C1", "C2", "A1", "A2", "A3")}
    assert remains(held) == {KENJI, *written}
    assert held.erasures == {KENJI: ERASURE}


def test_they_are_found_by_nothing_that_they_said() -> None:
    word = word_of("kenji", 0, audience="")
    said = (
        noted(KENJI, "createPost", "tokyo_P9", body=word),
        noted(KENJI, "updateProfile", title=word),
        noted(ANNA, "createPost", "stockholm_P9", body=word),
    )

    assert found_by(expect([*content.JOURNAL, *said]), "tokyo", "")[word] == {"tokyo_P9", KENJI, "stockholm_P9"}
    assert found_by(expect([*content.JOURNAL, *said, KENJI_GOES]), "tokyo", "")[word] == {"stockholm_P9"}


def test_they_are_in_no_private_group_nor_wait_to_be_let_in() -> None:
    asks = noted("austin_EVE", "requestMembership", groupId=CIRCLE)
    eve = noted("austin_EVE", "requestErasure", "austin_E1", personId="austin_EVE")
    held = expect([*circles.JOURNAL, asks, KENJI_GOES, eve])

    assert held.groups[CIRCLE].members == {ANNA}
    assert held.groups[CIRCLE].asking == {content.BOB}
    assert held.posts_in(CIRCLE).keys() == {"stockholm_S1", "lima_S2", "lima_S3"}
    assert held.hidden() == []


def test_what_they_got_with_others_is_those_others_and_what_nobody_else_got_is_nobodys() -> None:
    gifts = expect([*recognition.JOURNAL, KENJI_GOES]).gifts

    assert {name: gift.receivers for name, gift in gifts.given.items()} == {
        "stockholm_T1": (MAJA,),
        "stockholm_T3": (MAJA,),
    }
    assert gifts.seen_by(BOSS).keys() == {"stockholm_T1"}
    assert list(gifts.led_by(BOSS)) == []
    assert gifts.awarded[ANNA, HAND] == 2


def test_what_they_gave_counts_for_nobody() -> None:
    held = expect([*recognition.JOURNAL, noted(ANNA, "requestErasure", "stockholm_E1", personId=ANNA)])

    assert held.gifts.given == {}
    assert held.gifts.totals_of(KENJI) == Totals(0, 0, {}, {})
    assert remains(held) == {ANNA, "stockholm_T1", "stockholm_T2", "stockholm_T3", "stockholm_A1"}


def test_thanks_to_somebody_who_was_erased_before_it_was_told_are_known_without_an_id() -> None:
    thanks = noted(ANNA, "giveThanks", receiverIds=[KENJI], message="m", visibility="PUBLIC")

    assert len(expect([thanks]).gifts.given) == 1
    assert expect([thanks, KENJI_GOES]).gifts.given == {}
