"""Groups that everybody sees: who makes one, who joins, what is posted there, and who moderates it."""

from __future__ import annotations

from chaos.actions import publish
from chaos.board import KnownGroup
from chaos.client import Client, NotAnswered
from chaos.writer import Writer

_ROLE = "query ($id: ID!) { group(id: $id) { viewerRole } }"


async def create_group(writer: Writer, *, local: bool = False) -> KnownGroup:
    """Create a group; a local one is there in its region alone."""
    given = {"name": writer.say("gathers", local=local), "reach": "LOCAL" if local else "NETWORK"}
    made = await writer.write("createGroup", given, "group { id }", made=lambda told: str(told["group"]["id"]))
    if made is None:
        raise NotAnswered(f"{writer.handle} of {writer.region} may not create a group: {dict(writer.refused)}")
    known = KnownGroup(made, writer.region, local)
    writer.own.owns.append(made)
    writer.own.groups.append(known)
    writer.board.groups.append(known)
    return known


async def join_group(writer: Writer) -> bool:
    known = writer.some([known for known in writer.board.groups_for(writer.region) if known not in writer.own.groups])
    return known is not None and await join(writer, known)


async def join(writer: Writer, known: KnownGroup) -> bool:
    """Join a group; False if it has not arrived."""
    joined = await writer.write("joinGroup", {"groupId": known.group}, "group { id }") is not None
    if joined:
        writer.own.groups.append(known)
    return joined


async def leave_group(writer: Writer) -> bool:
    staying = (*writer.own.owns, *writer.own.moderates)
    known = writer.some([known for known in writer.own.groups if known.group not in staying])
    if known:
        writer.own.groups.remove(known)
        await writer.write("leaveGroup", {"groupId": known.group}, "group { id }")
    return known is not None


async def post_into_group(writer: Writer) -> bool:
    known = writer.some(writer.own.groups)
    return known is not None and await publish(writer, group=known.group, local=known.local)


async def make_moderator(owner: Writer, moderator: Writer, group: str) -> bool:
    """Have the owner make somebody moderator; False while it is not known that they have joined."""
    given = {"groupId": group, "personId": moderator.id, "role": "MODERATOR"}
    return await owner.write("setMemberRole", given, "group { id }") is not None


async def moderates(client: Client, group: str) -> bool:
    """Whether somebody's region knows them for a moderator of the group."""
    found = (await client.ask(_ROLE, id=group))["group"]
    return found is not None and found["viewerRole"] == "MODERATOR"
