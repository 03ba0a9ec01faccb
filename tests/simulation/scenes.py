"""Scenes in which something comes before what it depends on, or is said by somebody who may not say it."""

from __future__ import annotations

from functools import partial

from samverka.feed.v1.feed_events_pb2 import GROUP_ROLE_MODERATOR, MODERATION_ACTION_HIDE
from simulation.doings import admission, groups, moderation, people, posts, questions
from simulation.forging import Forge
from simulation.forging import admission as forged
from simulation.reference.groups import Group
from simulation.reference.texts import Text
from simulation.stage import Scene, Stage

HOME, NEAR, FAR = "stockholm", "tokyo", "lima"
"""Where the group is at home, where somebody writes, and where what they write comes last."""


async def _found(stage: Stage, *, private: bool = False) -> Group:
    """Let who lives in HOME create a group."""
    there = stage.reference.groups.by_id
    await stage.until(lambda: there, HOME, partial(groups.create_as, local=False, private=private))
    (group,) = there.values()
    return group


async def _join(stage: Stage, group: Group, region: str) -> None:
    joins, person = stage.reference.groups.memberships, stage.people[region].id
    await stage.until(lambda: (group.id, person) in joins, region, groups.join)


async def _promote(stage: Stage, group: Group, region: str) -> None:
    given, member = stage.reference.groups.given, (group.id, stage.people[region].id)
    await stage.until(lambda: given.get(member) == GROUP_ROLE_MODERATOR, HOME, groups.give_role)


async def _ask(stage: Stage, region: str) -> Text:
    """Let somebody ask a question that leaves their region; in a group, if they are in one."""
    person = stage.people[region]
    inside = bool(stage.reference.groups.of_member(person.id))

    def asked() -> list[Text]:
        mine = [post for post in stage.reference.posts.values() if post.author == person.id and post.title]
        return [post for post in mine if not post.local and bool(post.group_id) == inside]

    await stage.until(asked, region, questions.ask)
    return asked()[0]


async def _answer(stage: Stage, question: Text, region: str) -> None:
    def answered() -> bool:
        return any(text.answer and text.post_id == question.id for text in stage.reference.comments.values())

    await stage.until(answered, region, posts.comment)


async def _accept_before_the_answer_comes(stage: Stage) -> None:
    question = await _ask(stage, HOME)
    stage.cut(NEAR, FAR)
    await _answer(stage, question, NEAR)
    await stage.until(lambda: question.chosen, HOME, questions.accept)
    await stage.arrives(HOME, FAR)
    stage.heal(NEAR, FAR)


async def _rule_before_the_question_comes(stage: Stage) -> None:
    group = await _found(stage)
    await _join(stage, group, NEAR)
    stage.cut(NEAR, FAR)
    question = await _ask(stage, NEAR)
    await _answer(stage, question, NEAR)
    ruled = stage.reference.groups.requests
    await stage.until(lambda: ruled, HOME, questions.accept)
    await stage.arrives(HOME, FAR)
    stage.heal(NEAR, FAR)


async def _hide_before_the_post_comes(stage: Stage) -> None:
    group = await _found(stage)
    await _join(stage, group, NEAR)
    stage.cut(NEAR, FAR)
    written = stage.reference.posts
    await stage.until(lambda: any(post.group_id for post in written.values()), NEAR, posts.publish)
    requests = stage.reference.groups.requests

    def hidden() -> bool:
        return any(request.action == MODERATION_ACTION_HIDE for request in requests.values())

    await stage.until(hidden, HOME, moderation.moderate)
    await stage.arrives(HOME, FAR)
    stage.heal(NEAR, FAR)


async def _send_away_who_has_become_a_moderator(stage: Stage) -> None:
    """Let a moderator ask for a member to be sent away who, as they have yet to hear, is a moderator too."""
    group = await _found(stage)
    await _join(stage, group, NEAR)
    await _promote(stage, group, NEAR)
    await _join(stage, group, FAR)
    await stage.arrives(HOME, NEAR)
    stage.cut(HOME, NEAR)
    await _promote(stage, group, FAR)
    asked = stage.reference.groups.requests
    await stage.until(lambda: asked, NEAR, admission.send_away)
    await stage.arrives(NEAR, HOME)
    stage.heal(HOME, NEAR)


async def _lie_of_moderators(stage: Stage, *, forge: Forge) -> None:
    """Let a region lie about a group of its own, which has an owner and a moderator."""
    group = await _found(stage)
    await _join(stage, group, NEAR)
    await _promote(stage, group, NEAR)
    await stage.lie(HOME, forge)


async def _let_in_by_nobody(stage: Stage) -> None:
    group = await _found(stage, private=True)
    await _join(stage, group, NEAR)
    await stage.lie(HOME, forged.approval_by_nobody)


async def _erase_a_member(stage: Stage) -> None:
    """Erase somebody who is in a group and follows somebody else."""
    group = await _found(stage)
    await _join(stage, group, NEAR)
    follows = stage.reference.follows
    await stage.until(lambda: follows, NEAR, people.follow)
    await stage.erase(NEAR)


ACCEPTANCE_BEFORE_ANSWER = Scene(_accept_before_the_answer_comes, (HOME, NEAR, FAR))
RULING_BEFORE_QUESTION = Scene(_rule_before_the_question_comes, (HOME, NEAR, FAR))
HIDE_BEFORE_POST = Scene(_hide_before_the_post_comes, (HOME, NEAR, FAR))
MODERATOR_ASKED_AWAY = Scene(_send_away_who_has_become_a_moderator, (HOME, NEAR, FAR))
MODERATOR_SENT_AWAY = Scene(partial(_lie_of_moderators, forge=forged.moderator_sent_away), (HOME, NEAR), liar=HOME)
OWNER_SENT_AWAY = Scene(partial(_lie_of_moderators, forge=forged.owner_sent_away), (HOME, NEAR), liar=HOME)
LET_IN_BY_NOBODY = Scene(_let_in_by_nobody, (HOME, NEAR), liar=HOME)
ERASED_MEMBER = Scene(_erase_a_member, (HOME, NEAR))
