"""How people of the load leave: they ask to be erased, or an operator has it done, and every region says when it is.

Whoever leaves has brought to its end what they were writing, so that nothing of theirs comes behind the order.
"""

from __future__ import annotations

from collections.abc import Collection

from chaos.client import Client, Write
from chaos.findings import Finding, Kind
from chaos.samverka import CannotGoOn, Network
from chaos.writer import Writer

ERASED = "person_erased"
_ERASURE = "query ($id: ID!) { erasure(id: $id) { regions { region state } } }"


async def ask_to_be_erased(writer: Writer) -> str:
    """Ask for it oneself; return the id of the erasure, empty if an answer was lost: the erased are told nothing more."""
    write = Write("requestErasure", {"personId": writer.id}, "erasure { id }")
    outcome = await writer.client.write(write, "leave")
    if outcome.code == ERASED:
        return ""
    if outcome.code:
        raise CannotGoOn(f"{writer.name} is not erased: {outcome.code}")
    erasure = str(outcome.payload["erasure"]["id"])
    writer.note(write.field, write.input, key="leave", made=erasure, attempts=outcome.attempts)
    return erasure


async def have_erased(network: Network, writer: Writer) -> str:
    """Have the operator do it; return the id of the erasure, empty if the command does not get through now."""
    try:
        said = await network.command("erase", writer.id, "--region", writer.region, "--no-wait")
    except CannotGoOn:  # what was killed a moment ago is being started
        return ""
    erasure = said.partition("The erasure ")[2].partition(" is ordered.")[0]
    writer.note("requestErasure", {"personId": writer.id}, made=erasure)
    return erasure


async def is_done(admin: Client, erasure: str, regions: Collection[str]) -> bool:
    """Whether all regions have said that they have forgotten somebody, as far as an admin's has heard."""
    found = (await admin.ask(_ERASURE, id=erasure)).get("erasure")
    states = {each["region"]: each["state"] for each in found["regions"]} if found else {}
    return all(states.get(region) == "DONE" for region in regions)


async def check_silenced(writer: Writer) -> list[Finding]:
    """Have somebody write who is erased everywhere, and return what is wrong unless they are refused."""
    outcome = await writer.client.write(Write("createPost", {"body": "I am still here."}, "post { id }"), "again")
    if outcome.code == ERASED:
        return []
    text = f"{writer.id}, who is erased, writes, and is told {outcome.code or outcome.payload}"
    return [Finding(Kind.ANSWER, writer.region, text)]
