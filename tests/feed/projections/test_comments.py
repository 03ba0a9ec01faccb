"""What the feed makes of comments' facts, forged ones too."""

from __future__ import annotations

from samverka.feed.v1.feed_events_pb2 import CommentAdded, CommentDeleted, PostPublished, Reacted
from services.feed.projections import feed_projection
from tests.support.tables import Tables, an_id

ANNA, BENGT, AKIRA = an_id("anna"), an_id("bengt"), an_id("akira", region="tokyo")
POST, COMMENT = an_id("post"), an_id("comment", region="tokyo")
ADDED = CommentAdded(comment_id=COMMENT, post_id=POST, body="indeed")
SHOWN = "select author, body, deleted from comments"


def count(tables: Tables) -> int:
    ((comments,),) = tables.rows("select comment_count from posts")
    return int(comments)


def commented() -> Tables:
    tables = Tables(feed_projection())
    assert tables.apply(PostPublished(post_id=POST, body="hello"), actor=ANNA)
    assert tables.apply(ADDED, actor=AKIRA)
    return tables


def test_a_comment_counts_once() -> None:
    tables = commented()

    assert not tables.apply(ADDED, actor=AKIRA)
    assert count(tables) == 1


def test_a_comment_has_an_id_of_its_authors_region() -> None:
    tables = commented()

    assert not tables.apply(CommentAdded(comment_id=an_id("c"), post_id=POST, body="forged"), actor=AKIRA)
    assert count(tables) == 1


def test_only_its_author_deletes_a_comment_and_only_once() -> None:
    tables = commented()

    for other in (ANNA, BENGT):
        assert not tables.apply(CommentDeleted(comment_id=COMMENT), actor=other)
    assert tables.rows(SHOWN) == [(AKIRA, "indeed", 0)]
    assert tables.apply(CommentDeleted(comment_id=COMMENT), actor=AKIRA)
    assert not tables.apply(CommentDeleted(comment_id=COMMENT), actor=AKIRA)
    assert (tables.rows(SHOWN), count(tables)) == ([(AKIRA, "", 1)], 0)


def test_a_comment_added_and_deleted_before_its_post_is_not_counted() -> None:
    tables = Tables(feed_projection())
    tables.apply(ADDED, actor=AKIRA)
    tables.apply(CommentDeleted(comment_id=COMMENT), actor=AKIRA)

    tables.apply(PostPublished(post_id=POST, body="hello"), actor=ANNA)

    assert count(tables) == 0


def test_reactions_before_the_comment_count_when_it_comes() -> None:
    tables = Tables(feed_projection())
    tables.apply(Reacted(target_id=COMMENT, emoji="👍"), actor=ANNA)

    tables.apply(ADDED, actor=AKIRA)

    assert tables.rows("select reactions from comments") == [('{"👍":1}',)]
