"""What a moderator hides in their groups, whoever may see those, and what of it they show again.

Each group has one moderator who does so, in another region than its own, so that every decision has a line to cross; and
one alone, so that their last word is what must come out.
"""

from __future__ import annotations

from chaos.writer import Writer

_ASKED = "moderation { id state }"


async def hide(writer: Writer) -> bool:
    """Hide a post of a group that everybody sees."""
    known = writer.board.some_post_in(writer.own.moderates, writer.chance)
    return known is not None and await _hide(writer, known.post)


async def hide_inside(writer: Writer) -> bool:
    """Hide a post or a comment of a private group."""
    circle = writer.some([each for each in writer.board.circles_of(writer.id) if each.posts])
    if circle is None:
        return False
    return await _hide(writer, writer.chance.choice([*(known.post for known in circle.posts), *circle.comments]))


async def restore(writer: Writer) -> bool:
    content = writer.some(writer.own.hidden)
    if content is not None:
        writer.own.hidden.remove(content)
        await writer.write("restoreContent", {"contentId": content}, _ASKED)
    return content is not None


async def _hide(writer: Writer, content: str) -> bool:
    if await writer.write("hideContent", {"contentId": content}, _ASKED) is not None:
        writer.own.hidden.append(content)
    return True
