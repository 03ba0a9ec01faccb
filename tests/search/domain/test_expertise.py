"""What answers and profiles are worth, and in which order that puts people."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.search.domain.expertise import HALF_LIFE_DAYS, Answer, best_of, decay, weigh, worth_of

DAY_MS = 24 * 3600 * 1000
HALF_LIFE_MS = HALF_LIFE_DAYS * DAY_MS
NOW = 2_000 * DAY_MS
ANSWER = Answer("answer", "question", "anna", NOW, fit=1.0)


def order(*answers: Answer, skills: dict[str, float] | None = None) -> list[str]:
    known = weigh(answers, skills or {}, now_ms=NOW)
    return sorted(known, key=lambda person: known[person].rank(), reverse=True)


def test_half_of_it_is_gone_after_each_180_days() -> None:
    assert HALF_LIFE_DAYS == 180
    assert [decay(NOW - times * HALF_LIFE_MS, NOW) for times in range(3)] == [1.0, 0.5, 0.25]
    for answer in (ANSWER, replace(ANSWER, helped_ms=[NOW] * 3, accepted_ms=NOW)):
        old = replace(
            answer,
            written_ms=NOW - HALF_LIFE_MS,
            helped_ms=[NOW - HALF_LIFE_MS for _ in answer.helped_ms],
            accepted_ms=answer.accepted_ms and NOW - HALF_LIFE_MS,
        )
        assert 0.5 * worth_of(answer, now_ms=NOW) <= worth_of(old, now_ms=NOW) < worth_of(answer, now_ms=NOW)


def test_a_time_that_has_not_come_is_worth_no_more_than_now() -> None:
    assert decay(NOW + 10 * HALF_LIFE_MS, NOW) == decay(NOW, NOW)


def test_an_old_answer_that_still_helps_still_counts() -> None:
    old = replace(ANSWER, written_ms=NOW - 8 * HALF_LIFE_MS)
    helped_then, helped_now = (replace(old, helped_ms=[at_ms] * 3) for at_ms in (old.written_ms, NOW))
    assert worth_of(helped_now, now_ms=NOW) - worth_of(old, now_ms=NOW) == pytest.approx(2.0)
    assert worth_of(helped_then, now_ms=NOW) - worth_of(old, now_ms=NOW) < 0.1


@pytest.mark.parametrize("helpful", [replace(ANSWER, helped_ms=[NOW]), replace(ANSWER, accepted_ms=NOW)])
def test_who_has_helped_comes_before_who_answered_as_well(helpful: Answer) -> None:
    helpful = replace(helpful, id="other", author="bo")
    assert order(ANSWER, helpful) == order(helpful, ANSWER) == ["bo", "anna"]


def test_who_knows_it_comes_before_who_answers_much_else() -> None:
    elsewhere = [replace(ANSWER, id=str(number), author="bo", fit=0.0) for number in range(50)]
    assert order(replace(ANSWER, fit=0.01), *elsewhere) == ["anna", "bo"]
    assert weigh(elsewhere, {}, now_ms=NOW)["bo"].answers == []


def test_of_two_who_know_it_alike_the_one_who_answers_comes_first() -> None:
    other = replace(ANSWER, id="other", author="bo")
    assert order(ANSWER, other, replace(other, id="more", fit=0.0)) == ["bo", "anna"]


def test_a_profile_is_a_reason_by_itself_and_beside_answers() -> None:
    other = replace(ANSWER, id="other", author="bo")
    assert order(skills={"anna": 0.2, "bo": 0.9}) == ["bo", "anna"]
    assert order(ANSWER, other, skills={"anna": 0.1}) == ["anna", "bo"]


def test_the_best_answer_is_the_one_that_fits_and_helped_most() -> None:
    fits_less = replace(ANSWER, id="less", fit=0.5)
    helped = replace(ANSWER, id="helped", helped_ms=[NOW])
    assert best_of([ANSWER, fits_less], now_ms=NOW).id == "answer"
    assert best_of([ANSWER, helped], now_ms=NOW).id == "helped"
