"""A little content as a journal notes it, and as a region that holds all of it shows it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from chaos.expected import Expected
from chaos.journal import Acknowledged
from chaos.reading import Shown, ShownComment, ShownGroup, ShownPerson, ShownPost
from chaos.rules import expect

ANNA, KENJI, BOB = "stockholm_ANNA", "tokyo_KENJI", "austin_BOB"
PEOPLE = (ANNA, KENJI)


def noted(person: str, field: str, made: str = "", **given: Any) -> Acknowledged:
    """Return a write as the journal notes it."""
    region = person.partition("_")[0]
    return Acknowledged(region, person, field, given, key="k", made=made, at_seconds=0.0, attempts=1)


JOURNAL = (
    noted(ANNA, "createPost", "stockholm_P1", body="first"),
    noted(ANNA, "createPost", "stockholm_P2", body="second"),
    noted(ANNA, "createPost", "stockholm_P3", body="third"),
    noted(ANNA, "editPost", postId="stockholm_P1", body="first, corrected"),
    noted(ANNA, "deletePost", postId="stockholm_P3"),
    noted(KENJI, "addComment", "tokyo_C1", postId="stockholm_P1", body="an answer"),
    noted(KENJI, "addComment", "tokyo_C2", postId="stockholm_P1", body="withdrawn"),
    noted(KENJI, "deleteComment", commentId="tokyo_C2"),
    noted(KENJI, "react", targetId="stockholm_P1", emoji="👍"),
    noted(KENJI, "react", targetId="stockholm_P2", emoji="🎉"),
    noted(KENJI, "unreact", targetId="stockholm_P2", emoji="🎉"),
    noted(KENJI, "followPerson", personId=ANNA),
    noted(ANNA, "updateProfile", title="Engineer"),
    noted(ANNA, "createGroup", "stockholm_G", name="climbing", reach="NETWORK"),
    noted(KENJI, "joinGroup", groupId="stockholm_G"),
    noted(KENJI, "createPost", "tokyo_P4", body="on Thursday", groupId="stockholm_G"),
    noted(KENJI, "createPost", "tokyo_P5", body="an advertisement", groupId="stockholm_G"),
    noted(ANNA, "hideContent", contentId="tokyo_P4"),
    noted(ANNA, "restoreContent", contentId="tokyo_P4"),
    noted(ANNA, "hideContent", contentId="tokyo_P5"),
    noted(ANNA, "createPost", "stockholm_Q1", body="q", title="How?", kind="QUESTION", groupId="stockholm_G"),
    noted(KENJI, "addComment", "tokyo_A1", postId="stockholm_Q1", body="so", answer=True),
    noted(KENJI, "addComment", "tokyo_A2", postId="stockholm_Q1", body="or so", answer=True),
    noted(ANNA, "acceptAnswer", commentId="tokyo_A1"),
    noted(BOB, "acceptAnswer", commentId="tokyo_A2"),
    noted(ANNA, "markHelpful", targetId="tokyo_A1"),
    noted(BOB, "markHelpful", targetId="tokyo_A1"),
    noted(BOB, "unmarkHelpful", targetId="tokyo_A1"),
    noted(KENJI, "markHelpful", targetId="stockholm_Q1"),
    noted(ANNA, "createPost", "stockholm_Q2", body="q", title="Why?", kind="QUESTION"),
    noted(KENJI, "addComment", "tokyo_A3", postId="stockholm_Q2", body="because", answer=True),
    noted(ANNA, "acceptAnswer", commentId="tokyo_A3"),
    noted(ANNA, "unacceptAnswer", postId="stockholm_Q2"),
    noted(ANNA, "createPost", "stockholm_Q3", body="q", title="When?", kind="QUESTION"),
    noted(ANNA, "createGroup", "stockholm_H", name="at home", reach="LOCAL"),
    noted(ANNA, "createPost", "stockholm_P6", body="for us", groupId="stockholm_H"),
)


def expected() -> Expected:
    return expect(JOURNAL)


def shown(region: str = "tokyo") -> Shown:
    """Return what a region shows that has everything."""
    held = expected()
    posts = held.posts_of(region)
    comments = held.comments_on(posts)
    return Shown(
        region,
        people=[
            ShownPerson(
                person,
                held.titles.get(person, ""),
                followers=sum(followed == person for _, followed in held.follows),
                following=sum(follower == person for follower, _ in held.follows),
            )
            for person in PEOPLE
        ],
        posts=[
            ShownPost(
                name,
                post.author,
                post.body,
                comment_count=sum(comment.post == name for comment in comments.values()),
                reactions=Counter(emoji for target, emoji, _ in held.reactions if target == name),
                helpful=sum(target == name for target, _ in held.helped),
                title=post.title,
                answers=sum(comment.post == name and comment.answer for comment in comments.values()),
                accepted=held.accepted_of(post, comments),
            )
            for name, post in posts.items()
        ],
        comments=[
            ShownComment(
                name,
                comment.post,
                comment.author,
                comment.body,
                answer=comment.answer,
                helpful=sum(target == name for target, _ in held.helped),
            )
            for name, comment in comments.items()
        ],
        groups=[ShownGroup(name, group.name, len(group.members)) for name, group in held.groups_of(region).items()],
        questions=held.questions_of(region),
    )
