"""What commands look up before they decide: whose a post or a comment is, and whether it is there."""

from __future__ import annotations

from services.chassis.store import Connection


def is_person(db: Connection, person_id: str) -> bool:
    """Whether the feed knows this person."""
    return db.execute("select 1 from people where id = ?", (person_id,)).fetchone() is not None


def author_of_post(db: Connection, post_id: str) -> str | None:
    """Return who wrote a post that is not deleted."""
    return _first(db, "select author from posts where id = ? and deleted = 0", post_id)


def author_of_comment(db: Connection, comment_id: str) -> str | None:
    """Return who wrote a comment that is not deleted."""
    return _first(db, "select author from comments where id = ? and deleted = 0", comment_id)


def is_shown(db: Connection, target_id: str) -> bool:
    """Whether it is a post that is not deleted, or a comment that is not deleted below such a post."""
    below = "select c.id from comments c join posts p on p.id = c.post_id where c.id = ? and not c.deleted and not p.deleted"
    return author_of_post(db, target_id) is not None or _first(db, below, target_id) is not None


def was_published(db: Connection, post_id: str) -> bool:
    """Whether the post has ever been there, deleted since or not."""
    return _first(db, "select id from posts where id = ?", post_id) is not None


def was_commented(db: Connection, comment_id: str) -> bool:
    """Whether the comment has ever been there, deleted since or not."""
    return _first(db, "select id from comments where id = ?", comment_id) is not None


def emoji_of(db: Connection, target_id: str, person_id: str) -> set[str]:
    """Return what a person has reacted with to a target."""
    rows = db.execute("select emoji from reactions where target_id = ? and person = ?", (target_id, person_id))
    return {row[0] for row in rows}


def _first(db: Connection, statement: str, key: str) -> str | None:
    row = db.execute(statement, (key,)).fetchone()
    return row[0] if row else None
