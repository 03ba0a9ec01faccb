"""What a run remembers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ops.importing.scratch import Place, Scratch


@pytest.fixture
def scratch() -> Iterator[Scratch]:
    scratch = Scratch()
    yield scratch
    scratch.close()


def test_a_record_is_seen_for_the_first_time_once_for_each_kind(scratch: Scratch) -> None:
    assert scratch.first_time("Users.xml", 1)
    assert not scratch.first_time("Users.xml", 1)
    assert scratch.first_time("Posts.xml", 1)


def test_a_person_is_found_by_key(scratch: Scratch) -> None:
    assert scratch.person("7") == ""
    scratch.put_person("7", "stockholm_A")
    assert scratch.person("7") == "stockholm_A"


def test_a_post_that_did_not_come_in_is_told_from_one_that_is_unknown(scratch: Scratch) -> None:
    scratch.put_post(1)
    scratch.put_post(2, skipped=True)
    assert scratch.post(1) == Place("", "", skipped=False)
    assert scratch.post(2) == Place("", "", skipped=True)
    assert scratch.post(3) is None
    scratch.put_post(1, target_id="stockholm_C", thread_id="stockholm_P")
    assert scratch.post(1) == Place("stockholm_C", "stockholm_P", skipped=False)


def test_votes_are_numbered_for_each_post(scratch: Scratch) -> None:
    scratch.put_post(1)
    scratch.put_post(2)
    assert [scratch.next_vote(key) for key in (1, 1, 2, 1)] == [1, 2, 1, 3]
