"""Facts about what stays of somebody who was banned."""

from __future__ import annotations

from chaos.bans import BANNED, COMMENTED, PUBLISHED, banish
from chaos.rules import expect
from chaos.streams import Entry
from chaos.wire import Fact
from tests.chaos.circles import CIRCLE, JOURNAL, LUZ
from tests.chaos.content import ANNA, noted


def entry(sequence: int, region: str, kind: str, fields: dict[int, int | bytes], *, origin: str = "") -> Entry:
    return Entry(sequence, f"ev.{region}.pub.feed.owner", "id", origin, 0, "", Fact(kind, "", fields))


def ban(until: int) -> Entry:
    return entry(9, "stockholm", BANNED, {1: CIRCLE.encode(), 2: LUZ.encode(), 3: until})


def test_what_stands_in_the_authors_log_behind_where_the_ban_says_is_shown_to_nobody() -> None:
    unnamed = noted(LUZ, "addComment", postId="stockholm_S1", body="nobody told me its id")
    expected = expect([*JOURNAL, unnamed])
    logs = {
        "stockholm": [ban(5), entry(1, "stockholm", PUBLISHED, {1: b"stockholm_S1"})],
        "lima": [
            entry(5, "lima", PUBLISHED, {1: b"lima_S2"}),
            entry(6, "lima", COMMENTED, {1: b"lima_D1", 3: b"late"}),
            entry(7, "lima", PUBLISHED, {1: b"lima_S3"}),
            entry(8, "lima", COMMENTED, {1: b"lima_D8", 3: b"nobody told me its id"}),
        ],
    }

    banish(expected, logs)

    posts, comments = expected.posts, expected.comments
    assert {name for name, post in posts.items() if post.banished} == {"lima_S3"}
    assert [comment.body for comment in comments.values() if comment.banished] == ["late", "nobody told me its id"]
    assert expected.posts_in(CIRCLE).keys() == {"stockholm_S1", "lima_S2", "tokyo_S5"}


def test_a_ban_is_believed_where_its_group_is_at_home_alone() -> None:
    expected = expect(JOURNAL)
    elsewhere = entry(9, "lima", BANNED, {1: CIRCLE.encode(), 2: ANNA.encode(), 3: 0}, origin="EV_LIMA")

    banish(expected, {"stockholm": [elsewhere, entry(1, "stockholm", PUBLISHED, {1: b"stockholm_S1"})]})

    assert not expected.posts["stockholm_S1"].banished
