"""The profile service's projection as a whole."""

from __future__ import annotations

import asyncio

from services.profile.projections import profile_projection
from tests.profile.calls import edit, follow, unfollow
from tests.support.services import Member, Region


async def test_every_replica_holds_what_a_rebuild_from_the_log_gives(
    region: Region, anna: Member, bengt: Member
) -> None:
    other = await region.add_profile()
    people = [await region.member(f"person-{n}") for n in range(4)]
    await asyncio.gather(*(follow(person, anna.id) for person in people))
    await edit(anna, under="k1", title="Engineer")
    await unfollow(people[0], anna.id)
    await follow(anna, bengt.id)
    await region.settle()

    rebuilt = await region.rebuilt(profile_projection(), "rebuilt")

    assert {table.table for table in rebuilt} == {"people", "follows", "receipts", "origins", "erased"}
    assert all(table.rows for table in rebuilt if table.table != "erased")
    assert rebuilt == await region.profile.digest() == await other.digest()
