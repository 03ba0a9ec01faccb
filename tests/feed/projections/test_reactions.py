"""What the feed makes of reactions: registers, and the counts that follow from them."""

from __future__ import annotations

from samverka.feed.v1.feed_events_pb2 import CommentAdded, PostPublished, Reacted, Unreacted
from services.feed.projections import feed_projection
from tests.support.tables import Tables, an_id

ANNA, BENGT = an_id("anna"), an_id("bengt")
POST = an_id("post")


def counts(tables: Tables, table: str = "posts") -> list[str]:
    return [text for (text,) in tables.rows(f"select reactions from {table}")]


def published() -> Tables:
    tables = Tables(feed_projection())
    tables.apply(PostPublished(post_id=POST, body="hello"), actor=ANNA)
    return tables


def test_a_register_is_set_once_however_often_it_is_written() -> None:
    tables = published()
    for _ in range(3):
        tables.apply(Reacted(target_id=POST, emoji="👍"), actor=BENGT)

    assert counts(tables) == ['{"👍":1}']


def test_nobody_takes_back_what_another_put_there() -> None:
    tables = published()
    tables.apply(Reacted(target_id=POST, emoji="👍"), actor=BENGT)

    tables.apply(Unreacted(target_id=POST, emoji="👍"), actor=ANNA)
    tables.apply(Unreacted(target_id=POST, emoji="🎉"), actor=BENGT)

    assert counts(tables) == ['{"👍":1}']


def test_a_count_of_nothing_is_left_out() -> None:
    tables = published()
    tables.apply(Reacted(target_id=POST, emoji="👍"), actor=BENGT)
    tables.apply(Unreacted(target_id=POST, emoji="👍"), actor=BENGT)

    assert counts(tables) == ["{}"]


def test_the_text_of_the_counts_does_not_tell_who_was_first() -> None:
    one, other = published(), published()
    for tables, order in ((one, "👍🎉🥳"), (other, "🥳👍🎉")):
        for emoji in order:
            tables.apply(Reacted(target_id=POST, emoji=emoji), actor=BENGT)

    assert counts(one) == counts(other)


def test_a_post_and_a_comment_that_share_an_id_are_both_counted() -> None:
    """Only a region that lies makes such a pair; it must not make the others differ."""
    pair = [
        (ANNA, PostPublished(post_id=POST, body="hello")),
        (ANNA, CommentAdded(comment_id=POST, post_id=POST, body="hello")),
    ]
    reacted = (an_id("akira", region="tokyo"), Reacted(target_id=POST, emoji="👍"))
    before, after = Tables(feed_projection()), Tables(feed_projection())
    for actor, payload in (reacted, *pair):
        before.apply(payload, actor=actor)
    for actor, payload in (*pair, reacted):
        after.apply(payload, actor=actor)

    assert before.content() == after.content()
