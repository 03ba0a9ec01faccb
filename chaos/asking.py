"""How people of the load ask and answer: questions, votes, and which answer is accepted, by who asked or by the group."""

from __future__ import annotations

from chaos.actions import publish
from chaos.board import KnownAnswer
from chaos.writer import Writer

_RULED = "moderation { id state }"
_CHOSEN = "post { id }"


async def ask(writer: Writer) -> bool:
    """Ask a question of everybody or, where somebody is in a group, of that."""
    known = writer.some([*writer.own.groups, None])
    if known is None:
        return await publish(writer, question=True)
    return await publish(writer, question=True, group=known.group, local=known.local)


async def answer(writer: Writer) -> bool:
    """Answer a question; what a group may rule on is not deleted, since who is first would decide what comes of it."""
    known = writer.board.some_post(writer.region, writer.chance, question=True)
    if known:
        given = {"postId": known.post, "body": writer.say("knows", local=known.local), "answer": True}
        made = await writer.write("addComment", given, "comment { id }", made=lambda told: str(told["comment"]["id"]))
        if made:
            writer.board.answers.append(KnownAnswer(made, known, writer.id))
            if not known.group:
                writer.own.comments.append(made)
    return bool(known)


async def mark_helpful(writer: Writer) -> bool:
    """Say of what somebody else wrote that it has helped."""
    posts = [known.post for known in writer.board.posts_for(writer.region) if known.author != writer.id]
    answers = [known.answer for known in writer.board.answers_for(writer.region) if known.author != writer.id]
    target = writer.some(writer.chance.choice((posts, answers)))
    if target and target not in writer.own.helped:
        if await writer.write("markHelpful", {"targetId": target}, "target { __typename }") is not None:
            writer.own.helped.append(target)
        return True
    return False


async def unmark_helpful(writer: Writer) -> bool:
    target = writer.some(writer.own.helped)
    if target:
        writer.own.helped.remove(target)
        await writer.write("unmarkHelpful", {"targetId": target}, "target { __typename }")
    return bool(target)


async def accept(writer: Writer) -> bool:
    """Accept an answer to a question of one's own."""
    known = writer.some(_answers_to(writer))
    if known:
        await writer.write("acceptAnswer", {"commentId": known.answer}, _CHOSEN)
    return bool(known)


async def unaccept(writer: Writer) -> bool:
    """Accept no answer any more."""
    known = writer.some(_answers_to(writer))
    if known:
        await writer.write("unacceptAnswer", {"postId": known.question.post}, _CHOSEN)
    return bool(known)


async def rule(writer: Writer) -> bool:
    """Say as a group's moderator which answer is accepted, or that none is, whatever says who asked it, who is another.

    Not one of somebody who is erased one day: whether its group still says so would depend on what its home heard first.
    """
    staying = (each for each in writer.board.answers if each.author not in writer.board.leavers)
    ruled = [each for each in staying if each.question.group in writer.own.moderates]
    known = writer.some([each for each in ruled if each.question.author != writer.id])
    if known and writer.chance.random() < 0.25:
        await writer.write("unacceptAnswer", {"postId": known.question.post}, _RULED)
    elif known:
        await writer.write("acceptAnswer", {"commentId": known.answer}, _RULED)
    return bool(known)


def _answers_to(writer: Writer) -> list[KnownAnswer]:
    """Return answers to what somebody asked, but not in a group of their own: there they would rule, as its owner."""
    asked = (each for each in writer.board.answers if each.question.author == writer.id)
    return [each for each in asked if each.question.group not in writer.own.owns]
