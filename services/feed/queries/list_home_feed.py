"""The home feed: posts of the people whom the reader follows and their own, latest arrival first, fanned out on read.

Two ways lead to the same list, and each is slow where the other is fast. Walking back through all posts and keeping
those of the reader's sources ends early for somebody who follows many; it is bounded to a window of the log. If the
window does not fill the page, the newest post of each source is looked up, and the posts of those with the newest are
merged, which costs sources + page x page at most, however long the log is.
"""

from __future__ import annotations

from samverka.feed.v1.feed_views_pb2 import PostConnection, PostEdge
from services.chassis.paging import PageRequest
from services.chassis.store import Connection, one_row
from services.feed.views import post_edges, post_page

WINDOW_SEQUENCES = 5_000
_LAST = 2**63 - 1

# The sources are read once, where they lie together: looking up the author of each post on the way takes twice as long.
_WALK = """
    select sequence from posts indexed by posts_by_arrival
    where deleted = 0 and hidden = 0 and sequence < :before and sequence >= :floor
        and author in (select author from home_sources where reader = :reader)
    order by sequence desc limit :most
"""
# Only the sources with the newest posts can have one on the page, and only behind the oldest of those.
_MERGE = """
    with leading as materialized (
        select author, (
            select max(sequence) from posts indexed by posts_by_author
            where posts.author = home_sources.author and deleted = 0 and hidden = 0 and sequence < :before
        ) as newest
        from home_sources where reader = :reader and newest is not null
        order by newest desc limit :most
    )
    select posts.sequence from leading
    cross join posts on posts.sequence in (
        select sequence from posts recent indexed by posts_by_author
        where recent.author = leading.author and recent.deleted = 0 and recent.hidden = 0 and recent.sequence < :before
            and recent.sequence >= coalesce((select min(newest) from leading having count(*) = :most), 0)
        order by recent.sequence desc limit :most
    )
    order by posts.sequence desc limit :most
"""
_WALK_ON = """
    select sequence from posts indexed by posts_by_arrival
    where deleted = 0 and hidden = 0 and sequence > :after and sequence <= :ceiling
        and author in (select author from home_sources where reader = :reader)
    order by sequence limit :most
"""
_MERGE_ON = f"""
    with leading as materialized (
        select author, (
            select min(sequence) from posts indexed by posts_by_author
            where posts.author = home_sources.author and deleted = 0 and hidden = 0 and sequence > :after
        ) as oldest
        from home_sources where reader = :reader and oldest is not null
        order by oldest limit :most
    )
    select posts.sequence from leading
    cross join posts on posts.sequence in (
        select sequence from posts next indexed by posts_by_author
        where next.author = leading.author and next.deleted = 0 and next.hidden = 0 and next.sequence > :after
            and next.sequence <= coalesce((select max(oldest) from leading having count(*) = :most), {_LAST})
        order by next.sequence limit :most
    )
    order by posts.sequence limit :most
"""


def list_home_feed(db: Connection, page: PageRequest, *, reader: str, epoch: str) -> PostConnection:
    """Return a page of ``reader``'s home feed."""
    before = _LAST if page.after is None else page.after
    sequences = home_sequences(db, reader=reader, before=before, most=page.first + 1)
    return post_page(db, sequences, first=page.first, viewer=reader, epoch=epoch)


def home_sequences(db: Connection, *, reader: str, before: int, most: int) -> list[int]:
    """Return the latest ``most`` sequences before one, by whichever way is bounded."""
    newest = one_row(db, "select max(sequence) from posts where sequence < ?", (before,))[0]
    if newest is None:
        return []
    asked = {"reader": reader, "before": before, "most": most, "floor": newest - WINDOW_SEQUENCES}
    found = [row[0] for row in db.execute(_WALK, asked)]
    if len(found) < most and newest > WINDOW_SEQUENCES:
        del asked["floor"]
        found = [row[0] for row in db.execute(_MERGE, asked)]
    return found


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
        found = [row[0] for row in db.execute(_MERGE_ON, asked)]
    return found
