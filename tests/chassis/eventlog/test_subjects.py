"""Subjects are taken apart as they are put together, and nothing else passes for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.eventlog.port import Again, Source
from services.chassis.eventlog.subjects import (
    Subject,
    parse_again,
    parse_source,
    parse_subject,
    register_of,
    stream_name,
    stream_subjects,
    write_again,
)

TOKENS = st.text("abcXYZ019_-", min_size=1, max_size=12)


@given(TOKENS, st.sampled_from(["pub", "local"]), TOKENS, TOKENS)
def test_a_subject_is_read_as_it_is_written(origin: str, reach: str, service: str, owner: str) -> None:
    subject = Subject(origin, reach, service, owner)

    assert parse_subject(str(subject)) == subject


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ev",
        "ev.stockholm.pub.feed",
        "ev.stockholm.pub.feed.anna.more",
        "ex.stockholm.pub.feed.anna",
        "ev.stockholm.secret.feed.anna",
        "ev..pub.feed.anna",
        "ev.stockholm.pub..anna",
        "ev.stockholm.pub.feed.",
    ],
)
def test_what_is_no_subject_of_ours_has_no_parts(text: str) -> None:
    assert parse_subject(text) is None


@given(st.text())
def test_any_text_is_a_subject_or_none(text: str) -> None:
    subject = parse_subject(text)
    assert subject is None or str(subject) == text


@pytest.mark.parametrize(
    ("header", "source"),
    [
        ("", None),
        ("EV_TOKYO 7", Source("EV_TOKYO", 7)),
        ("EV_TOKYO:x7Yz 7 ev.tokyo.pub.> > ev.tokyo.pub.feed.a", Source("EV_TOKYO", 7)),
        ("EV_TOKYO", Source("", 0)),
        ("EV_TOKYO seven", Source("", 0)),
        ("EV_TOKYO -7", Source("", 0)),
        ("EV_TOKYO " + "9" * 20, Source("", 0)),
        ("EV_TOKYO \u0667", Source("", 0)),
    ],
)
def test_where_an_entry_came_from_is_read_from_its_header(header: str, source: Source | None) -> None:
    assert parse_source(header) == source


@given(st.integers(0, 10**18 - 1), st.lists(st.text("abcxyz-", min_size=1), max_size=3).map(tuple))
def test_what_was_appended_again_is_read_as_it_is_written(first: int, held_by: tuple[str, ...]) -> None:
    assert parse_again(write_again(Again(first, held_by))) == Again(first, held_by)


@pytest.mark.parametrize("header", ["", "tokyo", "-7 tokyo", "\u0667", "9" * 19])
def test_nonsense_says_of_nothing_that_it_was_appended_again(header: str) -> None:
    assert parse_again(header) is None


def test_a_register_is_everything_an_owner_did_in_a_service() -> None:
    assert register_of("stockholm", "feed", "stockholm_1") == "ev.stockholm.*.feed.stockholm_1"
    assert register_of("stockholm", "directory") == "ev.stockholm.*.directory.*"


def test_a_stream_is_named_for_its_region_and_takes_what_begins_there() -> None:
    assert stream_name("new-york") == "EV_NEW_YORK"
    assert stream_subjects("new-york") == ["ev.new-york.>"]
