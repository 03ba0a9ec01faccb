"""The home feed: posts of the reader's groups, of and in praise of whom they follow, and their own, latest arrival first.

It is fanned out on read. Two ways lead to the same list, and each is slow where the other is fast. Walking back through all
posts and keeping those of the reader's people and groups ends early for somebody with many; it is bounded to a window of
the log. If the window does not fill the page, the newest post of each source is looked up, and the posts of those with the
newest are merged: people and groups each by their own index, then the two united. That costs sources + page x page at most,
however long the log is.

Of people come posts that are open; what stands in a private group comes by the group alone.
"""

from __future__ import annotations

from typing import Any

from samverka.feed.v1.feed_events_pb2 import POST_KIND_PRAISE
from samverka.feed.v1.feed_views_pb2 import PostConnection, PostEdge
from services.chassis.paging import PageRequest
from services.chassis.store import Connection, one_row
from services.feed.views import Row, fill_page, post_edges, post_rows, posts_of

WINDOW_SEQUENCES = 5_000
_LAST = 2**63 - 1

# The sources are read once, where they lie together: looking up the author of each post on the way takes twice as long.
_OF_SOURCES = f"""
    (open = 1 and author in (select author from home_sources where reader = :reader)
        or kind = {POST_KIND_PRAISE} and exists (
            select 1 from praised indexed by praised_by_sequence
            cross join home_sources on home_sources.reader = :reader and home_sources.author = praised.person
            where praised.sequence = posts.sequence
        )
        or group_id is not null and (group_id, local) in (
            select group_id, local from memberships indexed by memberships_by_person
            where person = :reader and active = 1
        ))
"""
_WALK = f"""
    select sequence from posts indexed by posts_by_arrival
    where deleted = 0 and hidden = 0 and sequence < :before
        and sequence >= (select max(sequence) from posts where sequence < :before) - :window and {_OF_SOURCES}
    order by sequence desc limit :most
"""
_WALKED = posts_of(_WALK)
_WALK_ON = f"""
    select sequence from posts indexed by posts_by_arrival
    where deleted = 0 and hidden = 0 and sequence > :after and sequence <= :ceiling and {_OF_SOURCES}
    order by sequence limit :most
"""
_PEOPLE = "posts_by_author where {post}.author = {source}.author and {post}.open = 1"
_GROUPS = "posts_by_group where {post}.group_id = {source}.group_id and {post}.local = {source}.local"


def _merged(sources: str, of: str, *, back: bool) -> str:
    """Return the SQL for the posts of some sources next to a sequence.

    Only the sources with the nearest posts can have one on the page, and none beyond the last of those. ``of`` is the index
    that has a source's posts, and what makes them the source's.
    """
    beyond, nearest, last, order = ("< :before", "max", "min", "desc") if back else ("> :after", "min", "max", "asc")
    end = f"recent.sequence {'>' if back else '<'}= coalesce((select {last}(nearest) from leading having count(*) = :most)"
    shown = "{post}.deleted = 0 and {post}.hidden = 0 and {post}.sequence " + beyond
    return f"""
        with every as materialized (
            select *, (
                select {nearest}(post.sequence) from posts post indexed by
                    {of.format(post="post", source="source")} and {shown.format(post="post")}
            ) as nearest
            from {sources}
        ),
        leading as materialized (
            select * from every where nearest is not null order by nearest {order} limit :most
        )
        select posts.sequence from leading cross join posts on posts.sequence in (
            select recent.sequence from posts recent indexed by
                {of.format(post="recent", source="leading")} and {shown.format(post="recent")}
                and {end}, {0 if back else _LAST})
            order by recent.sequence {order} limit :most
        )
        order by posts.sequence {order} limit :most
    """


def _praise(*, back: bool) -> str:
    """Return the SQL for the praise of the reader's people next to a sequence: a page of each, of which most have none."""
    beyond, order = ("< :before", "desc") if back else ("> :after", "asc")
    return f"""
        select praised.sequence from home_sources source
        cross join praised on praised.person = source.author and praised.sequence in (
            select got.sequence from praised got cross join posts post on post.sequence = got.sequence
            where got.person = source.author and got.sequence {beyond} order by got.sequence {order} limit :most
        )
        where source.reader = :reader order by 1 {order} limit :most
    """


_INSIDE = "memberships source indexed by memberships_by_person where source.person = :reader and source.active = 1"
_FOLLOWED = "home_sources source where source.reader = :reader"
_HAS_GROUPS = f"select exists (select 1 from {_INSIDE})"
_OF_PEOPLE, _OF_PEOPLE_ON = (_merged(_FOLLOWED, _PEOPLE, back=back) for back in (True, False))
_OF_GROUPS, _OF_GROUPS_ON = (_merged(_INSIDE, _GROUPS, back=back) for back in (True, False))
_PRAISE, _PRAISE_ON = (_praise(back=back) for back in (True, False))


def list_home_feed(
    db: Connection, page: PageRequest, *, reader: str, epoch: str, into: PostConnection | None = None
) -> PostConnection:
    """Return a page of ``reader``'s home feed; ``into`` is where it is made, if it is to be part of another message."""
    shown = PostConnection() if into is None else into
    before = _LAST if page.after is None else page.after
    rows = home_rows(db, reader=reader, before=before, most=page.first + 1)
    fill_page(shown, rows[: page.first], has_next=len(rows) > page.first, epoch=epoch)
    return shown


def home_rows(db: Connection, *, reader: str, before: int, most: int) -> list[Row]:
    """Return the rows of the latest ``most`` posts before a sequence, by whichever way is bounded.

    The walk brings the posts along, in one statement: it nearly always fills the page.
    """
    asked = {"reader": reader, "viewer": reader, "before": before, "most": most, "window": WINDOW_SEQUENCES}
    rows = db.execute(_WALKED, asked).fetchall()
    if len(rows) < most and _reaches_beyond_window(db, before):
        sequences = _unite(db, asked, _PRAISE, _OF_PEOPLE, _OF_GROUPS)[: -most - 1 : -1]
        rows = list(post_rows(db, sequences, viewer=reader))
    return rows


def _reaches_beyond_window(db: Connection, before: int) -> bool:
    newest = one_row(db, "select max(sequence) from posts where sequence < ?", (before,))[0]
    return newest is not None and newest > WINDOW_SEQUENCES


def home_feed_since(db: Connection, after: int, *, reader: str, epoch: str, most: int) -> list[PostEdge]:
    """Return posts that arrived in ``reader``'s home feed after a sequence, in the order of their arrival."""
    sequences = home_sequences_since(db, reader=reader, after=after, most=most)
    return list(reversed(post_edges(db, sequences, viewer=reader, epoch=epoch)))


def home_sequences_since(db: Connection, *, reader: str, after: int, most: int) -> list[int]:
    """Return the first ``most`` sequences after one, by whichever way is bounded."""
    newest = one_row(db, "select max(sequence) from posts where sequence > ?", (after,))[0]
    if newest is None:
        return []
    ceiling = after + WINDOW_SEQUENCES
    asked = {"reader": reader, "after": after, "most": most}
    found = [row[0] for row in db.execute(_WALK_ON, {**asked, "ceiling": ceiling})]
    if len(found) < most and newest > ceiling:
        found = _unite(db, asked, _PRAISE_ON, _OF_PEOPLE_ON, _OF_GROUPS_ON)[:most]
    return found


def _unite(db: Connection, asked: dict[str, Any], praise: str, people: str, groups: str) -> list[int]:
    """Return what all of them give, in the order of the log; what is in several is there once."""
    found = {row[0] for statement in (praise, people) for row in db.execute(statement, asked)}
    if one_row(db, _HAS_GROUPS, {"reader": asked["reader"]})[0]:
        found.update(row[0] for row in db.execute(groups, asked))
    return sorted(found)
