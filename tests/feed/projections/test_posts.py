"""What the feed makes of posts' facts, forged ones too."""

from __future__ import annotations

from samverka.feed.v1.feed_events_pb2 import CommentAdded, PostDeleted, PostEdited, PostPublished, Reacted
from services.feed.projections import feed_projection
from tests.support.tables import Tables, an_id

ANNA, BENGT, AKIRA = an_id("anna"), an_id("bengt"), an_id("akira", region="tokyo")
POST = an_id("post")
SHOWN = "select author, body, edited_at_ms, deleted from posts"


def published() -> Tables:
    tables = Tables(feed_projection())
    assert tables.apply(PostPublished(post_id=POST, body="hello"), actor=ANNA)
    return tables


def test_only_its_author_edits_a_post() -> None:
    tables = published()

    for other in (BENGT, AKIRA):
        assert not tables.apply(PostEdited(post_id=POST, body="forged"), actor=other)
    assert tables.apply(PostEdited(post_id=POST, body="better"), actor=ANNA, at_ms=7)
    assert tables.rows(SHOWN) == [(ANNA, "better", 7, 0)]


def test_only_its_author_deletes_a_post() -> None:
    tables = published()

    for other in (BENGT, AKIRA):
        assert not tables.apply(PostDeleted(post_id=POST), actor=other)
    assert tables.rows(SHOWN) == [(ANNA, "hello", 0, 0)]


def test_a_deletion_is_final() -> None:
    tables = published()
    assert tables.apply(PostDeleted(post_id=POST), actor=ANNA)

    assert not tables.apply(PostDeleted(post_id=POST), actor=ANNA)
    assert not tables.apply(PostEdited(post_id=POST, body="back"), actor=ANNA)
    assert not tables.apply(PostPublished(post_id=POST, body="back"), actor=ANNA)
    assert tables.rows(SHOWN) == [(ANNA, "", 0, 1)]


def test_a_post_is_published_once_and_under_an_id_of_its_authors_region() -> None:
    tables = published()

    assert not tables.apply(PostPublished(post_id=POST, body="forged"), actor=BENGT)
    assert not tables.apply(PostPublished(post_id=an_id("another"), body="forged"), actor=AKIRA)
    assert not tables.apply(PostPublished(post_id="no id", body="forged"), actor=ANNA)
    assert tables.rows(SHOWN) == [(ANNA, "hello", 0, 0)]


def test_what_came_before_the_post_takes_effect_when_it_comes() -> None:
    tables = Tables(feed_projection())
    for name in ("one", "two"):
        comment = CommentAdded(comment_id=an_id(name, region="tokyo"), post_id=POST, body=name)
        assert tables.apply(comment, actor=AKIRA)
    assert tables.apply(Reacted(target_id=POST, emoji="👍"), actor=AKIRA)

    assert tables.apply(PostPublished(post_id=POST, body="hello"), actor=ANNA)

    assert tables.rows("select comment_count, reactions from posts") == [(2, '{"👍":1}')]
