"""An erasure leaves the feed as if the person had never written."""

from __future__ import annotations

from google.protobuf.message import Message
from hypothesis import given

from samverka.feed.v1.feed_events_pb2 import CommentAdded, PostPublished
from services.chassis.ids import region_of
from services.feed.projections import feed_projection
from tests.feed.projections.test_projections import FACTS, MANY, PEOPLE, PERSON, applied

_FIRST_OF = {region_of(person): person for person in reversed(PEOPLE)}


def _by_their_authors(facts: list[tuple[str, Message]]) -> list[tuple[str, Message]]:
    """Return the facts with every post and comment written by the one person whose id it bears: ids are not stolen."""
    return [(_author_of(payload) or actor, payload) for actor, payload in facts]


def _author_of(payload: Message) -> str:
    if isinstance(payload, PostPublished):
        return _FIRST_OF[region_of(payload.post_id)]
    return _FIRST_OF[region_of(payload.comment_id)] if isinstance(payload, CommentAdded) else ""


@MANY
@given(FACTS, PERSON)
def test_what_is_left_is_what_there_would_be_without_the_person(facts: list[tuple[str, Message]], person: str) -> None:
    said = _by_their_authors(facts)
    tables = applied(said)

    feed_projection().erase(tables.db, person)

    assert tables.content() == applied([fact for fact in said if fact[0] != person]).content()
