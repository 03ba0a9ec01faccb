"""An erasure leaves the feed as if the person had never written."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from samverka.feed.v1.feed_events_pb2 import (
    CommentAdded,
    ContentHidden,
    GroupCreated,
    MemberJoined,
    PostDeleted,
    PostEdited,
    PostPublished,
)
from services.feed.projections import feed_projection
from services.feed.projections.erasing import erase_person
from tests.feed.projections.test_projections import MANY, applied
from tests.feed.said import FACTS, PEOPLE, Said, each_id_of_one_person
from tests.support.tables import Tables, an_id

ANNA, BENGT, AKIRA = an_id("anna"), an_id("bengt"), an_id("akira", region="tokyo")
GROUP, POST, COMMENT = an_id("group"), an_id("post"), an_id("comment")
POSTS = "select author, body, hidden, deleted from posts"
COMMENTS = "select author, body, hidden, deleted from comments"


def written() -> Tables:
    """Anna's post in a group where Bengt is too, and her comment below it, both of which the group hides."""
    tables = Tables(feed_projection())
    assert tables.apply(GroupCreated(group_id=GROUP, name="Chess"), actor=ANNA, owner=GROUP)
    for person in (ANNA, BENGT, AKIRA):
        assert tables.apply(MemberJoined(group_id=GROUP), actor=person)
    assert tables.apply(PostPublished(post_id=POST, body="secret", group_id=GROUP), actor=ANNA)
    assert tables.apply(CommentAdded(comment_id=COMMENT, post_id=POST, body="secret"), actor=ANNA)
    for number, content in enumerate((POST, COMMENT)):
        hidden = ContentHidden(group_id=GROUP, content_id=content, request_id=an_id(f"request {number}"))
        assert tables.apply(hidden, actor=ANNA, owner=GROUP)
    return tables


def taken(tables: Tables, thief: str) -> list[bool]:
    """Let somebody use the ids of Anna's for what they write; return what of it has an effect."""
    return [
        tables.apply(PostPublished(post_id=POST, body="stolen", group_id=GROUP), actor=thief),
        tables.apply(CommentAdded(comment_id=COMMENT, post_id=POST, body="stolen"), actor=thief),
    ]


@MANY
@given(FACTS, st.sampled_from(PEOPLE))
def test_what_is_left_is_what_there_would_be_without_the_person(facts: list[Said], person: str) -> None:
    """What a group decides is the group's, whoever asked for it."""
    facts = each_id_of_one_person(facts)
    erased, without = applied(facts), applied([said for said in facts if (said.owner or said.actor) != person])

    for tables in (erased, without):
        erase_person(tables.db, person)

    assert erased.content() == without.content()


def test_nobody_takes_the_id_of_what_is_hidden_or_deleted() -> None:
    tables = written()
    for thief in (BENGT, AKIRA):
        assert taken(tables, thief) == [False, False]
        assert not tables.apply(PostEdited(post_id=POST, body="stolen"), actor=thief)
        assert not tables.apply(PostDeleted(post_id=POST), actor=thief)
    assert tables.rows(POSTS) == tables.rows(COMMENTS) == [(ANNA, "secret", 1, 0)]

    assert tables.apply(PostDeleted(post_id=POST), actor=ANNA)
    assert taken(tables, BENGT) == [False, False]
    assert [row[-1] for row in tables.rows(POSTS)] == [1]


def test_whoever_takes_the_id_of_somebody_erased_shows_nothing_of_theirs() -> None:
    tables = written()
    erase_person(tables.db, ANNA)

    assert taken(tables, AKIRA) == [False, False]  # an id of Stockholm's is nobody's in Tokyo
    assert taken(tables, BENGT) == [True, True]

    # It is Bengt's own now, and what the group hid it goes on hiding.
    assert tables.rows(POSTS) == tables.rows(COMMENTS) == [(BENGT, "stolen", 1, 0)]
