"""What somebody may write of their own accord: posts, comments, reactions, whom they follow, who they are.

Each action returns False if there is nothing that it could be about. What is answered, reacted to or followed comes
from every region and may not have arrived: such a write is refused, and that is no fault.
"""

from __future__ import annotations

from chaos.board import Circle, Known
from chaos.writer import Writer

EMOJI = ("👍", "🎉", "🙏")
FOLLOWED_MAX = 20
_REACTED = "target { __typename }"


async def create_post(writer: Writer) -> bool:
    return await publish(writer)


async def create_local_post(writer: Writer) -> bool:
    return await publish(writer, local=True)


async def publish(
    writer: Writer, *, local: bool = False, group: str = "", question: bool = False, circle: Circle | None = None
) -> bool:
    """Publish a post; it may be answered from then on. In a group it has the group's reach, ``local`` or not."""
    group = circle.group if circle else group
    among = circle.group if circle else ""
    given = {"body": writer.say("writes", local=local, among=among)}
    given |= {"kind": "QUESTION", "title": writer.say("asks", local=local, among=among)} if question else {}
    given |= {"groupId": group} if group else {"reach": "LOCAL"} if local else {}
    made = await writer.write("createPost", given, "post { id }", made=lambda told: str(told["post"]["id"]))
    if made:
        known = Known(made, writer.region, writer.id, local, group, question, private=circle is not None)
        writer.own.posts.append(known)
        (circle or writer.board).posts.append(known)
    return True


async def edit_post(writer: Writer) -> bool:
    known = writer.some(writer.own.posts)
    if known:
        given = {"postId": known.post, "body": writer.say("corrects", local=known.local, among=known.among)}
        await writer.write("editPost", given, "post { id }")
    return bool(known)


async def delete_post(writer: Writer) -> bool:
    known = writer.some(writer.own.posts)
    if known:
        writer.own.posts.remove(known)
        writer.board.forget(known)
        await writer.write("deletePost", {"postId": known.post}, "deletedPostId")
    return bool(known)


async def add_comment(writer: Writer) -> bool:
    known = writer.board.some_post(writer.region, writer.chance)
    if known:
        given = {"postId": known.post, "body": writer.say("answers", local=known.local)}
        made = await writer.write("addComment", given, "comment { id }", made=lambda told: str(told["comment"]["id"]))
        if made:
            writer.own.comments.append(made)
    return bool(known)


async def delete_comment(writer: Writer) -> bool:
    comment = writer.some(writer.own.comments)
    if comment:
        writer.own.comments.remove(comment)
        await writer.write("deleteComment", {"commentId": comment}, "deletedCommentId")
    return bool(comment)


async def react(writer: Writer) -> bool:
    known = writer.board.some_post(writer.region, writer.chance)
    if known:
        target, emoji = known.post, writer.chance.choice(EMOJI)
        done = await writer.write("react", {"targetId": target, "emoji": emoji}, _REACTED)
        if done is not None and (target, emoji) not in writer.own.reactions:
            writer.own.reactions.append((target, emoji))
    return bool(known)


async def unreact(writer: Writer) -> bool:
    reaction = writer.some(writer.own.reactions)
    if reaction:
        writer.own.reactions.remove(reaction)
        target, emoji = reaction
        await writer.write("unreact", {"targetId": target, "emoji": emoji}, _REACTED)
    return bool(reaction)


async def follow(writer: Writer) -> bool:
    others = [person for person in writer.board.people if person not in (writer.id, *writer.own.followed)]
    other = writer.some(others) if len(writer.own.followed) < FOLLOWED_MAX else None
    if other and await writer.write("followPerson", {"personId": other}, "person { id }") is not None:
        writer.own.followed.append(other)
    return bool(other)


async def unfollow(writer: Writer) -> bool:
    other = writer.some(writer.own.followed)
    if other:
        writer.own.followed.remove(other)
        await writer.write("unfollowPerson", {"personId": other}, "person { id }")
    return bool(other)


async def update_profile(writer: Writer) -> bool:
    await writer.write("updateProfile", {"title": writer.say("is an engineer")}, "person { id }")
    return True
