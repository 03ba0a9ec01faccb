"""What its group hides: the column ``hidden`` of posts and comments.

A group's decisions hold for a post that says it stands in that group, and for the comments below such a post; what they
hide is the same for all services. A decision may come before what it is about; so whoever brings either of the two looks for
the other. A deleted comment is not hidden.
"""

from __future__ import annotations

from services.chassis.group_rules import hides
from services.chassis.store import Connection
from services.feed.projections.settling import settle_post

_GROUP_ABOVE = "(select p.group_id from posts p where p.id = comments.post_id and p.local = comments.local)"
_HIDE_POSTS = f"update posts set hidden = {hides('posts.group_id', 'posts')}"
_HIDE_COMMENTS = f"update comments set hidden = {hides(_GROUP_ABOVE, 'comments')}"


def hide_post(db: Connection, post_id: str, *, local: bool) -> None:
    """Hide a post of a group and the comments below it as the group says."""
    db.execute(f"{_HIDE_POSTS} where id = ? and local = ?", (post_id, local))
    hide_comments(db, post_id, local=local)


def hide_comments(db: Connection, post_id: str, *, local: bool) -> None:
    """Hide the comments below a post as its group says, or show them if the post is not there."""
    db.execute(f"{_HIDE_COMMENTS} where post_id = ? and local = ? and deleted = 0", (post_id, local))
    settle_post(db, post_id, local=local)


def hide_comment(db: Connection, comment_id: str, *, local: bool) -> None:
    """Hide a comment as the group of the post above it says."""
    below = db.execute(
        f"{_HIDE_COMMENTS} where id = ? and local = ? and deleted = 0 returning post_id", (comment_id, local)
    ).fetchone()
    if below:
        settle_post(db, str(below[0]), local=local)


def hide_content(db: Connection, content_id: str, group_id: str, *, local: bool) -> None:
    """Hide or show the post and the comment with that id, where they are the group's."""
    db.execute(f"{_HIDE_POSTS} where id = ? and local = ? and group_id = ?", (content_id, local, group_id))
    settle_post(db, content_id, local=local)
    hide_comment(db, content_id, local=local)


def hide_author(db: Connection, group_id: str, author: str, *, local: bool) -> None:
    """Hide or show what somebody wrote in the group."""
    posts = db.execute(
        f"{_HIDE_POSTS} where group_id = ? and local = ? and author = ? returning id", (group_id, local, author)
    ).fetchall()
    comments = db.execute(
        f"""
        {_HIDE_COMMENTS} where author = ?3 and local = ?2 and deleted = 0 and post_id in (
            select p.id from posts p where p.id = comments.post_id and p.local = ?2 and p.group_id = ?1
        ) returning post_id
        """,
        (group_id, local, author),
    ).fetchall()
    for (post_id,) in {*posts, *comments}:
        settle_post(db, str(post_id), local=local)


def open_group(db: Connection, group_id: str, *, local: bool, private: bool) -> None:
    """Show what was written in a group that has just become known, as far as it lets anybody see it."""
    if not private:
        db.execute("update posts set open = 1 where group_id = ? and local = ?", (group_id, local))
    posts = db.execute("select id from posts where group_id = ? and local = ?", (group_id, local)).fetchall()
    for (post_id,) in posts:
        hide_post(db, str(post_id), local=local)
