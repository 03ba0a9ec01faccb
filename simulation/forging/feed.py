"""Forgeries about other people's posts and comments."""

from __future__ import annotations

from samverka.feed.v1.feed_events_pb2 import (
    AnswerAccepted,
    AnswerUnaccepted,
    CommentAdded,
    CommentDeleted,
    MarkedHelpful,
    PostDeleted,
    PostEdited,
    PostPublished,
)
from services.chassis.ids import derive, region_of
from simulation.forging.forgery import Forgery, Workshop

_BY = ("feed", "search")


def edit_of_anothers_post(shop: Workshop, mine: str, theirs: str) -> Forgery:
    edit = PostEdited(post_id=shop.post_of(theirs), body="forged")
    return Forgery("an edit of another's post", shop.subject(mine), shop.sealed(edit, actor=mine), _BY)


def deletion_of_anothers_post(shop: Workshop, mine: str, theirs: str) -> Forgery:
    deletion = PostDeleted(post_id=shop.post_of(theirs))
    return Forgery("a deletion of another's post", shop.subject(mine), shop.sealed(deletion, actor=mine), _BY)


def deletion_of_anothers_comment(shop: Workshop, mine: str, theirs: str) -> Forgery:
    deletion = CommentDeleted(comment_id=shop.comment_of(theirs))
    return Forgery("a deletion of another's comment", shop.subject(mine), shop.sealed(deletion, actor=mine), _BY)


def post_with_anothers_id(shop: Workshop, mine: str, theirs: str) -> Forgery:
    post = shop.post(region=region_of(theirs))
    return Forgery("a post with another region's id", shop.subject(mine), shop.sealed(post, actor=mine), _BY)


def comment_with_anothers_id(shop: Workshop, mine: str, theirs: str) -> Forgery:
    comment = CommentAdded(comment_id=shop.comment_of(theirs), post_id=shop.post_of(theirs), body="forged")
    return Forgery("a comment with another region's id", shop.subject(mine), shop.sealed(comment, actor=mine), _BY)


def post_into_a_group_unjoined(shop: Workshop, mine: str, theirs: str) -> Forgery:
    group_id = derive(region_of(theirs), "never joined")
    post = PostPublished(post_id=shop.new_id(), body="forged", group_id=group_id)
    return Forgery("a post into a group that was not joined", shop.subject(mine), shop.sealed(post, actor=mine), _BY)


def acceptance_of_anothers(shop: Workshop, mine: str, theirs: str) -> Forgery:
    """Say which answer to somebody else's question is accepted."""
    post_id = shop.post_of(theirs)
    said = shop.chance.choice(
        (AnswerAccepted(post_id=post_id, comment_id=shop.comment_of(mine)), AnswerUnaccepted(post_id=post_id))
    )
    return Forgery("another's acceptance", shop.subject(mine), shop.sealed(said, actor=mine), _BY)


def vote_for_ones_own(shop: Workshop, mine: str, theirs: str) -> Forgery:
    """Let somebody vote for what they wrote. Nobody refuses it, and it counts for nothing."""
    target_id = shop.chance.choice((shop.post_of(mine), shop.comment_of(mine)))
    texts = (*shop.reference.posts.values(), *shop.reference.comments.values())
    local = any(text.id == target_id and text.local for text in texts)
    vote = MarkedHelpful(target_id=target_id)
    shop.reference.votes[target_id, local, mine] = None
    subject = shop.subject(mine, reach="local" if local else "pub")
    return Forgery("a vote for one's own", subject, shop.sealed(vote, actor=mine), ())


FORGERIES = (
    acceptance_of_anothers,
    vote_for_ones_own,
    edit_of_anothers_post,
    deletion_of_anothers_post,
    deletion_of_anothers_comment,
    post_with_anothers_id,
    comment_with_anothers_id,
    post_into_a_group_unjoined,
)
