"""What commands look up before they decide: whose a post or a comment is, how far it may go, and whether it is there."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.feed.v1.feed_events_pb2 import POST_KIND_PRAISE, POST_KIND_QUESTION
from services.chassis.eventlog.subjects import Reach
from services.chassis.store import Connection, one_row
from services.feed.standing import reach_of, seen

_POST = "select author, local from posts post where id = :id and deleted = 0"
_COMMENT = "select c.author, c.local from comments c where c.id = :id and c.deleted = 0"
_COMMENT_SEEN = f"""
    c.hidden = 0 and exists (
        select 1 from posts post
        where post.id = c.post_id and post.local = c.local and post.deleted = 0 and post.hidden = 0 and {seen("post")}
    )
"""


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


@dataclass(frozen=True, slots=True)
class Question:
    """A question: who asked it, the answer that they have chosen, and whether its group has ruled on that."""

    id: str
    reach: Reach
    author: str
    group_id: str | None
    chosen: str
    ruled: bool


def is_person(db: Connection, person_id: str) -> bool:
    """Whether the feed knows this person."""
    return db.execute("select 1 from people where id = ?", (person_id,)).fetchone() is not None


def find_post(db: Connection, post_id: str, actor: str) -> Written | None:
    """Return a post that the actor sees; one that is hidden is there for its author alone."""
    return _first(db, f"{_POST} and {seen('post')} and (hidden = 0 or author = :viewer)", post_id, actor)


def find_own_post(db: Connection, post_id: str, actor: str) -> Written | None:
    """Return a post that the actor sees, or wrote: what somebody wrote is theirs, wherever they are let in now."""
    return _first(db, f"{_POST} and (author = :viewer or hidden = 0 and {seen('post')})", post_id, actor)


def find_own_comment(db: Connection, comment_id: str, actor: str) -> Written | None:
    """Return a comment that the actor sees, or wrote."""
    return _first(db, f"{_COMMENT} and (c.author = :viewer or {_COMMENT_SEEN})", comment_id, actor)


def find_shown_post(db: Connection, post_id: str, actor: str) -> Written | None:
    """Return a post that is hidden from nobody, if the actor sees it."""
    return _first(db, f"{_POST} and hidden = 0 and {seen('post')}", post_id, actor)


def find_target(db: Connection, target_id: str, actor: str) -> Written | None:
    """Return what can be reacted to: a post that is shown to the actor, or a comment that is, below such a post."""
    return find_shown_post(db, target_id, actor) or _first(db, f"{_COMMENT} and {_COMMENT_SEEN}", target_id, actor)


def find_moderated(db: Connection, content_id: str, actor: str) -> Moderated | None:
    """Return a post that stands in a group that the actor sees, or a comment below one, hidden or not, unless deleted."""
    row = db.execute(
        f"""
        select group_id, local from posts post
            where id = :id and deleted = 0 and group_id is not null and {seen("post")}
        union all
        select post.group_id, post.local from comments c join posts post on post.id = c.post_id and post.local = c.local
            where c.id = :id and c.deleted = 0 and post.group_id is not null and {seen("post")}
        limit 1
        """,
        {"id": content_id, "viewer": actor},
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


def find_group_texts(db: Connection, group_id: str, reach: Reach) -> tuple[str, str]:
    """Return what a group that is there is called, and what it is about."""
    name, about = one_row(db, "select name, about from groups where id = ? and local = ?", (group_id, reach == "local"))
    return str(name), str(about)


def is_praise(db: Connection, post_id: str) -> bool:
    """Whether the post shows a recognition."""
    return (
        db.execute("select 1 from posts where id = ? and kind = ?", (post_id, POST_KIND_PRAISE)).fetchone() is not None
    )


def find_title(db: Connection, post_id: str, reach: Reach) -> str | None:
    """Return the title of a question that is there; None where it is none."""
    find = "select title from posts where id = ? and local = ? and kind = ?"
    row = db.execute(find, (post_id, reach == "local", POST_KIND_QUESTION)).fetchone()
    return str(row[0]) if row else None


def find_question(db: Connection, post_id: str, reach: Reach) -> Question | None:
    """Return a question that is there; None where it is none."""
    row = db.execute(
        """
        select author, group_id, chosen, exists (
            select 1 from answer_rulings r where r.post_id = id and r.local = posts.local and r.group_id = posts.group_id
        ) from posts where id = ? and local = ? and kind = ?
        """,
        (post_id, reach == "local", POST_KIND_QUESTION),
    ).fetchone()
    return Question(post_id, reach, str(row[0]), row[1], str(row[2]), bool(row[3])) if row else None


def find_answered(db: Connection, comment_id: str) -> Question | None:
    """Return the question that a comment answers; None where it is no answer to one."""
    row = db.execute(
        "select post_id, local from comments where id = ? and answer = 1 order by local limit 1", (comment_id,)
    ).fetchone()
    return find_question(db, str(row[0]), reach_of(row[1])) if row else None


def has_helped(db: Connection, target_id: str, person_id: str, reach: Reach) -> bool:
    """Whether a target of that reach has helped a person, as they say."""
    find = "select 1 from helpful where target_id = ? and local = ? and person = ?"
    return db.execute(find, (target_id, reach == "local", person_id)).fetchone() is not None


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


def _first(db: Connection, found: str, written_id: str, actor: str) -> Written | None:
    statement = f"select author, local from ({found}) order by local limit 1"
    row = db.execute(statement, {"id": written_id, "viewer": actor}).fetchone()
    return Written(str(row[0]), reach_of(row[1])) if row else None
