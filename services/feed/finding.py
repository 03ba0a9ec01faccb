"""What commands look up before they decide: whose a post or a comment is, how far it may go, and whether it is there."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.eventlog.subjects import Reach
from services.chassis.store import Connection
from services.feed.standing import reach_of


@dataclass(frozen=True, slots=True)
class Written:
    """A post or a comment: who wrote it, and its reach, which all that hangs on it has too."""

    author: str
    reach: Reach


@dataclass(frozen=True, slots=True)
class Moderated:
    """Content that stands in a group."""

    group_id: str
    reach: Reach


def is_person(db: Connection, person_id: str) -> bool:
    """Whether the feed knows this person."""
    return db.execute("select 1 from people where id = ?", (person_id,)).fetchone() is not None


def find_post(db: Connection, post_id: str, actor: str) -> Written | None:
    """Return a post that is not deleted; one that is hidden is there for its author alone."""
    return _written(db, "posts", post_id, actor)


def find_comment(db: Connection, comment_id: str, actor: str) -> Written | None:
    """Return a comment that is not deleted; one that is hidden is there for its author alone."""
    return _written(db, "comments", comment_id, actor)


def find_shown_post(db: Connection, post_id: str) -> Written | None:
    """Return a post that everybody here sees."""
    return _first(
        db,
        "select author, local from posts where id = ? and deleted = 0 and hidden = 0 order by local limit 1",
        post_id,
    )


def find_target(db: Connection, target_id: str) -> Written | None:
    """Return what can be reacted to: a post that is shown, or a comment that is, below such a post."""
    below = """
        select c.author, c.local from comments c join posts p on p.id = c.post_id and p.local = c.local
        where c.id = ? and c.deleted = 0 and c.hidden = 0 and p.deleted = 0 and p.hidden = 0 order by c.local limit 1
    """
    return find_shown_post(db, target_id) or _first(db, below, target_id)


def find_moderated(db: Connection, content_id: str) -> Moderated | None:
    """Return a post that stands in a group, or a comment below one, hidden or not, unless it is deleted."""
    row = db.execute(
        """
        select group_id, local from posts where id = :id and deleted = 0 and group_id is not null
        union all
        select p.group_id, p.local from comments c join posts p on p.id = c.post_id and p.local = c.local
            where c.id = :id and c.deleted = 0 and p.group_id is not null
        limit 1
        """,
        {"id": content_id},
    ).fetchone()
    return Moderated(str(row[0]), reach_of(row[1])) if row else None


def find_group_of(db: Connection, content_id: str, reach: Reach) -> str | None:
    """Return the group that content belongs to, empty if it is none's; None if it, or the post above it, is not here."""
    row = db.execute(
        """
        select coalesce(group_id, '') from posts where id = :id and local = :local
        union all
        select coalesce(p.group_id, '') from comments c join posts p on p.id = c.post_id and p.local = c.local
            where c.id = :id and c.local = :local
        limit 1
        """,
        {"id": content_id, "local": reach == "local"},
    ).fetchone()
    return str(row[0]) if row else None


def was_published(db: Connection, post_id: str) -> bool:
    """Whether the post has ever been there, deleted since or not."""
    return db.execute("select 1 from posts where id = ?", (post_id,)).fetchone() is not None


def was_commented(db: Connection, comment_id: str) -> bool:
    """Whether the comment has ever been there, deleted since or not."""
    return db.execute("select 1 from comments where id = ?", (comment_id,)).fetchone() is not None


def emoji_of(db: Connection, target_id: str, person_id: str, reach: Reach) -> set[str]:
    """Return what a person has reacted with to a target of that reach."""
    rows = db.execute(
        "select emoji from reactions where target_id = ? and local = ? and person = ?",
        (target_id, reach == "local", person_id),
    )
    return {row[0] for row in rows}


def _written(db: Connection, table: str, written_id: str, actor: str) -> Written | None:
    row = db.execute(
        f"select author, local, hidden from {table} where id = ? and deleted = 0 order by local limit 1", (written_id,)
    ).fetchone()
    if row is None or (row[2] and row[0] != actor):
        return None
    return Written(str(row[0]), reach_of(row[1]))


def _first(db: Connection, statement: str, written_id: str) -> Written | None:
    row = db.execute(statement, (written_id,)).fetchone()
    return Written(str(row[0]), reach_of(row[1])) if row else None
