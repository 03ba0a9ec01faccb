"""What its group hides: the column ``hidden`` of posts and comments, and the count of comments that follows from it.

A group's decision holds for a post that says it stands in that group, and for the comments below such a post. It may come
before what it is about; so whoever brings either of the two looks for the other. A deleted comment is not hidden.
"""

from __future__ import annotations

from services.chassis.store import Connection


def hidden_comment(*, comment_id: str, post_id: str, local: str) -> str:
    """Return the SQL for whether the group of its post hides a comment; each argument is SQL.

    A join of the two takes six times as long.
    """
    group_id = f"(select posts.group_id from posts where posts.id = {post_id} and posts.local = {local})"
    found = f"m.content_id = {comment_id} and m.local = {local} and m.group_id = {group_id}"
    return f"coalesce((select m.hidden from moderation m where {found}), 0)"


def is_hidden(db: Connection, content_id: str, group_id: str, *, local: bool) -> bool:
    """Whether the group hides a post of its own."""
    find = "select 1 from moderation where content_id = ? and local = ? and group_id = ? and hidden = 1"
    return db.execute(find, (content_id, local, group_id)).fetchone() is not None


def hide(db: Connection, content_id: str, group_id: str, *, local: bool, hidden: bool) -> None:
    """Hide or show the post and the comment with that id, where they are the group's."""
    db.execute(
        "update posts set hidden = ? where id = ? and local = ? and group_id = ?",
        (hidden, content_id, local, group_id),
    )
    below = db.execute(
        """
        update comments set hidden = ?1 where id = ?2 and local = ?3 and deleted = 0 and post_id in (
            select p.id from posts p where p.id = comments.post_id and p.local = ?3 and p.group_id = ?4
        ) returning post_id
        """,
        (hidden, content_id, local, group_id),
    ).fetchone()
    if below:
        count_comments(db, str(below[0]), local=local)


def hide_comments(db: Connection, post_id: str, *, local: bool) -> None:
    """Hide the comments below a post as its group says, or show them if the post is not there."""
    hidden = hidden_comment(comment_id="comments.id", post_id="comments.post_id", local="comments.local")
    db.execute(
        f"update comments set hidden = {hidden} where post_id = ? and local = ? and deleted = 0", (post_id, local)
    )


def count_comments(db: Connection, post_id: str, *, local: bool) -> None:
    """Count the comments below a post anew: those that are shown."""
    db.execute(
        """
        update posts set comment_count = (
            select count(*) from comments where post_id = ?1 and local = ?2 and deleted = 0 and hidden = 0
        ) where id = ?1 and local = ?2
        """,
        (post_id, local),
    )
