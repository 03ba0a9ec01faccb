"""What each row of a dump means."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.importing.stackexchange import mapping
from ops.importing.stackexchange.mapping import Acceptance, MalformedError, Owner, Person, Skipped, Vote

AT = datetime(2014, 1, 21, 20, 26, 5, 383_000, tzinfo=UTC)
QUESTION = {
    "Id": "1",
    "PostTypeId": "1",
    "CreationDate": "2014-01-21T20:26:05.383",
    "OwnerUserId": "7",
    "Title": "C# & <b>",
    "Body": "<p>Why?</p>",
    "Tags": "<c#><dry-hopping>",
}
HANDLE = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")


def test_a_user_becomes_a_person() -> None:
    values = {"Id": "7", "DisplayName": " Åsa\n Öberg ", "AboutMe": "<p>I <b>brew</b></p>"}
    assert mapping.person(values) == Person("7", "asa-oberg", "Åsa Öberg", "I **brew**")


def test_a_user_without_a_name_is_called_by_their_number() -> None:
    assert mapping.person({"Id": "-1"}) == Person("-1", "user-1", "user-1", "")


@pytest.mark.parametrize(
    ("name", "handle"),
    [
        ("Michał Rybak", "michal-rybak"),
        ("Jøhn Nârrøw", "john-narrow"),
        ("a.b_c-d", "a.b_c-d"),
        ("..a -- b..", "a-b"),
        ("x" * 40, "x" * 32),
        (f"{'x' * 31} y", "x" * 31),
        ("웃웃웃", "user3"),
        ("a", "user3"),
        ("", "user3"),
    ],
)
def test_a_handle_reads_like_the_name(name: str, handle: str) -> None:
    assert mapping.handle(name, fallback="user3") == handle


@settings(deadline=None)
@given(st.text(max_size=60))
def test_every_name_has_a_handle_that_the_profile_takes(name: str) -> None:
    handle = mapping.handle(name, fallback="user3")
    assert 2 <= len(handle) <= 32
    assert HANDLE.fullmatch(handle)


def test_a_question_has_title_body_and_topics_with_author_and_time_kept() -> None:
    question = mapping.question(QUESTION)
    assert (question.title, question.body) == ("C# & <b>", "Why?\n\n#c# #dry-hopping")
    assert (question.key, question.owner, question.authored_at) == (1, Owner("7", ""), AT)


@pytest.mark.parametrize("tags", ["|hops|ale|", "<hops><ale>", "hops ale"])
def test_tags_are_read_in_every_form_that_dumps_have_had(tags: str) -> None:
    assert mapping.question({**QUESTION, "Tags": tags}).body.endswith("\n\n#hops #ale")


@pytest.mark.parametrize("tag", ["c++", "c#", ".net", "3.2-beer", "asp.net-mvc", "bière"])
def test_a_tag_stands_there_as_the_feed_reads_topics(tag: str) -> None:
    assert mapping.question({**QUESTION, "Tags": f"<{tag}>"}).body.endswith(f"\n\n#{tag}")


def test_a_tag_that_is_none_of_the_feeds_topics_is_shown_and_cannot_be_markdown() -> None:
    assert mapping.question({**QUESTION, "Tags": "<__a__>"}).body.endswith("\n\n#\\_\\_a\\_\\_")


def test_a_hash_in_a_text_is_no_topic() -> None:
    body = mapping.question({**QUESTION, "Body": "<p>See #2 and #hops.</p>"}).body
    assert body.startswith("See \\#2 and \\#hops.")


def test_an_acceptance_is_who_asked_and_at_the_latest_when_the_question_was_last_moved() -> None:
    accepted = {**QUESTION, "AcceptedAnswerId": "4"}
    assert mapping.acceptance(accepted) == Acceptance(1, 4, Owner("7", ""), AT)
    moved = mapping.acceptance({**accepted, "LastActivityDate": "2014-01-22T00:00:00.000"})
    assert moved.at == datetime(2014, 1, 22, tzinfo=UTC)


def test_a_question_without_tags_ends_with_its_body() -> None:
    assert mapping.question({**QUESTION, "Tags": ""}).body == "Why?"


def test_an_answer_names_its_question() -> None:
    answer = mapping.answer({**QUESTION, "Id": "4", "PostTypeId": "2", "ParentId": "1"})
    assert (answer.key, answer.question_key, answer.body) == (4, 1, "Why?")


def test_a_comment_names_its_post_and_its_author() -> None:
    values = {
        "Id": "3",
        "PostId": "4",
        "UserDisplayName": "Gone",
        "Text": "*so*",
        "CreationDate": "2014-01-21T20:26:05",
    }
    comment = mapping.comment(values)
    assert (comment.key, comment.post_key, comment.owner, comment.body) == (3, 4, Owner("", "Gone"), "*so*")


@pytest.mark.parametrize(("kind", "helpful"), [("2", True), ("3", False)])
def test_up_and_down_votes_say_whether_it_was_helpful(kind: str, helpful: bool) -> None:
    values = {"Id": "5", "PostId": "1", "VoteTypeId": kind, "CreationDate": "2014-01-21T20:26:05.383"}
    assert mapping.vote(values) == Vote(5, 1, helpful, AT)


@pytest.mark.parametrize(("kind", "reason"), [("1", "acceptance"), ("5", "bookmark"), ("99", "unknown_type")])
def test_other_votes_are_skipped_by_name(kind: str, reason: str) -> None:
    assert mapping.vote({"Id": "5", "VoteTypeId": kind}) == Skipped(reason)


@pytest.mark.parametrize(("kind", "reason"), [("4", "tag_wiki_excerpt"), ("5", "tag_wiki"), ("99", "unknown_type")])
def test_other_posts_are_skipped_by_name(kind: str, reason: str) -> None:
    assert mapping.other_post({"Id": "5", "PostTypeId": kind}) == Skipped(reason)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Id": ""}, "missing_field"),
        ({"Id": "seven"}, "malformed_key"),
        ({"Id": "9" * 30}, "malformed_key"),
        ({"Title": " "}, "missing_field"),
        ({"Body": "<script>x</script>"}, "empty"),
        ({"Body": "<b>" * 5_000 + "x"}, "unreadable_text"),
        ({"CreationDate": ""}, "missing_field"),
        ({"CreationDate": "yesterday"}, "malformed_time"),
    ],
)
def test_a_row_that_lacks_something_is_malformed(change: dict[str, str], code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        mapping.question({**QUESTION, **change})
    assert caught.value.code == code


def test_a_time_with_a_zone_is_turned_to_utc() -> None:
    at = mapping.question({**QUESTION, "CreationDate": "2014-01-21T22:26:05.383+02:00"}).authored_at
    assert at == AT


def test_former_members_of_one_name_are_one_person() -> None:
    gone = mapping.former_member("Gone  Away")
    assert gone == mapping.former_member("Gone Away")
    assert (gone.handle, gone.name) == ("gone-away", "Gone Away")
    assert gone.key != mapping.former_member("Another").key
    assert gone.key.isascii()


def test_a_former_member_without_a_name_is_one_person_for_all() -> None:
    assert mapping.former_member("") == Person("former", "former-member", "Former member")


def test_voters_are_told_apart_by_their_ordinal() -> None:
    assert mapping.voter(3) == Person("voter:3", "voter-3", "Voter 3")
