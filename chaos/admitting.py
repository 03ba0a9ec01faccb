"""What happens around private groups: who asks to be let in, whom a moderator lets in and sends away, what they write there.

Each circle, as a private group is called here, has one moderator, in another region than its own. Nobody is acted on by two
at once, and who has left or was sent away does not ask again: a group's word is about one joining, and which one that is
would depend on what had arrived where.
"""

from __future__ import annotations

from collections.abc import Callable

from chaos.actions import publish
from chaos.board import Circle, KnownAnswer
from chaos.client import NotAnswered
from chaos.writer import Writer

_ASKED = "moderation { id state }"


async def create_circle(writer: Writer) -> Circle:
    """Create a private group."""
    given = {"name": writer.say("confides", among=writer.id), "reach": "NETWORK", "visibility": "PRIVATE"}
    made = await writer.write("createGroup", given, "group { id }", made=lambda told: str(told["group"]["id"]))
    if made is None:
        raise NotAnswered(f"{writer.handle} of {writer.region} may not create a group: {dict(writer.refused)}")
    circle = Circle(made, owner=writer.id, moderator=writer.id, inside={writer.id})
    writer.board.circles.append(circle)
    return circle


async def ask_in(writer: Writer) -> bool:
    """Ask a circle that is not known yet to let one in."""
    circle = writer.some([each for each in writer.board.circles if not each.knows(writer.id)])
    return circle is not None and await ask_into(writer, circle)


async def ask_into(writer: Writer, circle: Circle) -> bool:
    """Ask this one; False if it has not arrived."""
    with circle.busy(writer.id):
        asked = await writer.write("requestMembership", {"groupId": circle.group}, "state") is not None
    if asked:
        circle.asking.add(writer.id)
    return asked


async def admit(writer: Writer) -> bool:
    """As a moderator, let somebody in who has asked, or decline."""
    circle = writer.some([each for each in writer.board.circles_of(writer.id) if each.asking])
    if circle is None:
        return False
    person = writer.chance.choice(sorted(circle.asking))
    if writer.chance.random() < 0.25:
        await send_away(writer, circle, person, "removeMember")
    else:
        await approve(writer, circle, person)
    return True


async def approve(writer: Writer, circle: Circle, person: str) -> bool:
    """Let somebody in; False if it has not arrived that they have asked."""
    circle.asking.discard(person)
    with circle.busy(person):
        given = {"groupId": circle.group, "personId": person}
        approved = await writer.write("approveMembership", given, _ASKED) is not None
    (circle.inside if approved else circle.asking).add(person)
    return approved


async def dismiss(writer: Writer) -> bool:
    """As a moderator, remove or ban somebody who was let in."""
    circle = writer.some([each for each in writer.board.circles_of(writer.id) if each.others])
    if circle is None:
        return False
    person = writer.chance.choice(circle.others)
    await send_away(writer, circle, person, writer.chance.choice(("removeMember", "banMember")))
    return True


async def send_away(writer: Writer, circle: Circle, person: str, field: str) -> None:
    """Decline, remove or ban somebody; they stay where they are if it has not arrived that they have asked."""
    was = circle.asking if person in circle.asking else circle.inside
    was.discard(person)
    with circle.busy(person):
        done = await writer.write(field, {"groupId": circle.group, "personId": person}, _ASKED) is not None
    (circle.away if done else was).add(person)


async def leave_circle(writer: Writer) -> bool:
    circle = writer.some([each for each in writer.board.circles if writer.id in each.others])
    if circle is None:
        return False
    circle.inside.discard(writer.id)
    with circle.busy(writer.id):
        left = await writer.write("leaveGroup", {"groupId": circle.group}, "group { id }") is not None
    (circle.away if left else circle.inside).add(writer.id)
    return True


async def post_inside(writer: Writer) -> bool:
    """Post into a circle, or ask it."""
    circle = _some_circle(writer, lambda each: writer.id in each.inside)
    return circle is not None and await publish(writer, circle=circle, question=writer.chance.random() < 0.3)


async def comment_inside(writer: Writer) -> bool:
    """Comment in a circle, and answer what was asked there."""
    circle = _some_circle(writer, lambda each: writer.id in each.inside and bool(each.posts))
    return circle is not None and await _comment(writer, circle)


async def pry(writer: Writer) -> bool:
    """Comment where somebody was never let in, or is no longer, by an id that they should not have."""
    circle = _some_circle(writer, lambda each: writer.id not in each.inside and bool(each.posts))
    return circle is not None and await _comment(writer, circle)


async def _comment(writer: Writer, circle: Circle) -> bool:
    known = writer.chance.choice(circle.posts)
    given = {"postId": known.post, "body": writer.say("whispers", among=circle.group), "answer": known.question}
    made = await writer.write("addComment", given, "comment { id }", made=lambda told: str(told["comment"]["id"]))
    if made:
        writer.own.comments.append(made)
        circle.comments.append(made)
        if known.question:
            writer.board.answers.append(KnownAnswer(made, known, writer.id))
    return True


def _some_circle(writer: Writer, suits: Callable[[Circle], bool]) -> Circle | None:
    return writer.some([each for each in writer.board.circles if suits(each)])
