"""Who sees what, in the simplest words: what each path must show somebody who lives in one region, when all is there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from simulation.reference import Reference
from simulation.reference.tables import reaching
from simulation.reference.texts import Text, accepted_answer


class Seeing:
    """What there is in ``region``, and which of it is there for whom."""

    def __init__(self, reference: Reference, region: str) -> None:
        self._groups = reference.groups
        self._follows = reference.follows
        self._praised = reference.recognition.praised(reference.erased)
        self._gifts = reference.recognition.received(reference.erased)
        written = [*reference.posts.values(), *reference.recognition.praise(reference.erased).values()]
        self._posts = {post.id: post for post in _there(written, reference, region)}
        self._comments = _there(reference.comments.values(), reference, region)
        self.groups = [group.id for group in reaching(self._groups.by_id.values(), region)]
        self._erased = reference.erased.keys()
        self._people = reference.people.keys() - self._erased

    @property
    def posts(self) -> Iterable[str]:
        """Return all that there are, or were before their authors deleted them."""
        return self._posts

    def groups_of(self, viewer: str) -> set[str]:
        return {group for group in self.groups if self._groups.sees(viewer, group)}

    def group_feed(self, viewer: str, group_id: str) -> set[str] | None:
        """Return the posts of a group; None where it is not there for the viewer."""
        if not self._groups.sees(viewer, group_id):
            return None
        return {post.id for post in self._shown(viewer) if post.group_id == group_id}

    def members(self, viewer: str, group_id: str) -> set[str] | None:
        if not self._groups.sees(viewer, group_id):
            return None
        joined = {person for group, person in self._groups.memberships if group == group_id} - self._erased
        return {person for person in joined if self._groups.is_member(person, group_id)}

    def home_feed(self, viewer: str) -> set[str]:
        """Return what stands in the viewer's groups and, outside private ones, what is of or in praise of their people."""
        people = {viewer, *(followed for follower, followed in self._follows if follower == viewer)}
        return {post.id for post in self._shown(viewer) if self._is_at_home(post, viewer, people)}

    def posts_by(self, viewer: str, author: str) -> set[str]:
        return {post.id for post in self._shown(viewer) if post.author == author}

    def thread(self, viewer: str, post_id: str) -> set[str] | None:
        """Return the comments that stand below a post; None where that is not there for the viewer.

        What its group hides is there for its author and for who moderates.
        """
        post = self._posts[post_id]
        if post.deleted or not self._groups.sees(viewer, post.group_id):
            return None
        if self._hides(post, post) and viewer != post.author and not self._groups.may_moderate(viewer, post.group_id):
            return None
        return {
            comment.id for comment in self._comments if comment.post_id == post_id and self._is_shown(comment, post)
        }

    def questions(self, viewer: str, *, unanswered: bool = False, unaccepted: bool = False) -> set[str]:
        """Return the questions, or those without an answer that is shown, or without one that is accepted."""
        posts = [post for post in self._shown(viewer) if post.title]
        below = [comment for comment in self._comments if comment.answer and comment.post_id in self._posts]
        answers = {answer.id: answer.post_id for answer in below if self._is_shown(answer, self._posts[answer.post_id])}
        return {
            post.id
            for post in posts
            if not (unanswered and post.id in answers.values())
            and not ((unanswered or unaccepted) and accepted_answer(post, answers, self._groups))
        }

    def found(self, viewer: str) -> set[str]:
        """Return all that can be found: people, groups, posts, and comments below them."""
        posts = {post.id: post for post in self._shown(viewer)}
        comments = [comment for comment in self._comments if comment.post_id in posts]
        shown = [comment.id for comment in comments if self._is_shown(comment, posts[comment.post_id])]
        return {*self._people, *self.groups_of(viewer), *posts, *shown}

    def recognitions(self, viewer: str) -> set[str]:
        """Return what counts and is public, or was given to the viewer or by them."""
        return {gift.id for gift in self._gifts if not gift.private or viewer in (gift.giver, *gift.receivers)}

    def _shown(self, viewer: str) -> Sequence[Text]:
        """Return the posts that lists show."""
        seen = (post for post in self._posts.values() if self._groups.sees(viewer, post.group_id))
        return [post for post in seen if self._is_shown(post, post)]

    def _is_at_home(self, post: Text, viewer: str, people: set[str]) -> bool:
        if post.group_id and self._groups.is_member(viewer, post.group_id):
            return True
        return post.author in people or not people.isdisjoint(self._praised.get(post.id, ()))

    def _is_shown(self, text: Text, post: Text) -> bool:
        return not text.deleted and not self._hides(text, post)

    def _hides(self, text: Text, post: Text) -> bool:
        return self._groups.hides(post.group_id, text.id, text.author)


def _there(texts: Iterable[Text], reference: Reference, region: str) -> list[Text]:
    return [text for text in reaching(texts, region) if text.author not in reference.erased]
