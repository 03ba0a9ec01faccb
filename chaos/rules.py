"""What follows from the journal: each write changes what every region has to show, by a plain rule.

A person's writes stand in the journal in the order in which they were acknowledged, and each person writes one thing
after another, so nothing depends on who was first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chaos.erased import forget_erased
from chaos.expected import Comment, Expected, Group, Post
from chaos.gifts import GIFT_RULES
from chaos.journal import Acknowledged, Refused

RULED = "ruled_by_group"


def expect(entries: Iterable[Acknowledged], refusals: Iterable[Refused] = ()) -> Expected:
    """Return what follows from these writes, and what was refused; of the erased nothing, whoever wrote about them later."""
    expected = Expected()
    for entry in entries:
        apply(expected, entry)
    for refusal in refusals:
        _refuse(expected, refusal)
    forget_erased(expected)
    return expected


def apply(expected: Expected, entry: Acknowledged) -> None:
    """Take one write into account."""
    if entry.field in GIFT_RULES:
        GIFT_RULES[entry.field](expected.gifts, entry, entry.input)
    else:
        _RULES[entry.field](expected, entry, entry.input)


def _refuse(expected: Expected, refusal: Refused) -> None:
    """Take into account what a rule refused."""
    if refusal.code == RULED:
        expected.overruled.append(expected.question_of(refusal.input))
    else:
        expected.gifts.refuse(refusal)


Rule = Callable[[Expected, Acknowledged, Mapping[str, Any]], None]


def _create_post(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    group = expected.groups.get(given.get("groupId", ""))
    local = group.local if group else given.get("reach") == "LOCAL"
    expected.posts[entry.made] = Post(
        entry.region,
        entry.person,
        given["body"],
        local=local,
        group=given.get("groupId", ""),
        title=given.get("title", ""),
    )


def _edit_post(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    expected.posts[given["postId"]].body = given["body"]


def _delete_post(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    expected.posts[given["postId"]].deleted = True


def _add_comment(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    expected.comments[entry.name] = Comment(
        given["postId"], entry.person, given["body"], answer=given.get("answer", False)
    )


def _delete_comment(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    expected.comments[given["commentId"]].deleted = True


def _react(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    expected.reactions.add((given["targetId"], given["emoji"], entry.person))


def _unreact(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    expected.reactions.discard((given["targetId"], given["emoji"], entry.person))


def _mark_helpful(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    expected.helped.add((given["targetId"], entry.person))


def _unmark_helpful(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    expected.helped.discard((given["targetId"], entry.person))


def _accept(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    """Who asked chooses; anybody else to whom it is acknowledged moderates the question's group."""
    question = expected.posts[expected.question_of(given)]
    answer = given.get("commentId", "")
    if entry.person == question.author:
        question.chosen = answer
    else:
        question.ruled = answer


def _follow(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    expected.follows.add((entry.person, given["personId"]))


def _unfollow(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    expected.follows.discard((entry.person, given["personId"]))


def _update_profile(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    if "title" in given:
        expected.titles[entry.person] = given["title"]
    if "managerId" in given:
        expected.gifts.managers[entry.person] = given["managerId"]


def _create_group(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    local = given["reach"] == "LOCAL"
    private = given.get("visibility") == "PRIVATE"
    expected.groups[entry.made] = Group(
        entry.region,
        given["name"],
        {entry.person},
        local=local,
        private=private,
        ever={entry.person},
        moderators={entry.person},
    )


def _join_group(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    expected.groups[given["groupId"]].members.add(entry.person)


def _leave_group(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    _send_away(expected.groups[given["groupId"]], entry.person)


def _request_membership(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    expected.groups[given["groupId"]].asking.add(entry.person)


def _approve(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    group, person = expected.groups[given["groupId"]], given["personId"]
    group.asking.discard(person)
    group.members.add(person)
    group.ever.add(person)


def _dismiss(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    _send_away(expected.groups[given["groupId"]], given["personId"])


def _send_away(group: Group, person: str) -> None:
    group.asking.discard(person)
    group.members.discard(person)


def _hide_content(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    _content(expected, given["contentId"]).hidden = True


def _restore_content(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    _content(expected, given["contentId"]).hidden = False


def _content(expected: Expected, name: str) -> Post | Comment:
    return expected.posts[name] if name in expected.posts else expected.comments[name]


def _set_member_role(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    expected.groups[given["groupId"]].moderators.add(given["personId"])


def _request_erasure(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    expected.erasures[given["personId"]] = entry.made


_RULES: dict[str, Rule] = {
    "createPost": _create_post,
    "editPost": _edit_post,
    "deletePost": _delete_post,
    "addComment": _add_comment,
    "deleteComment": _delete_comment,
    "react": _react,
    "unreact": _unreact,
    "markHelpful": _mark_helpful,
    "unmarkHelpful": _unmark_helpful,
    "acceptAnswer": _accept,
    "unacceptAnswer": _accept,
    "followPerson": _follow,
    "unfollowPerson": _unfollow,
    "updateProfile": _update_profile,
    "createGroup": _create_group,
    "joinGroup": _join_group,
    "leaveGroup": _leave_group,
    "requestMembership": _request_membership,
    "approveMembership": _approve,
    "removeMember": _dismiss,
    "banMember": _dismiss,
    "setMemberRole": _set_member_role,
    "hideContent": _hide_content,
    "restoreContent": _restore_content,
    "requestErasure": _request_erasure,
}
