"""An erased person leaves no byte in the files of search, those of the index included."""

from __future__ import annotations

from pathlib import Path

from samverka.network.v1.network_events_pb2 import ErasureOrdered, PersonForgotten
from services.chassis.ids import region_actor
from services.search.domain.sides import Side
from tests.feed.calls import create_group, publish
from tests.search.asking import found, hits
from tests.support.services import REGION, Member, Region, Replica
from tests.support.tables import an_id

SECRET = "unutterable"


def holding(directory: Path) -> set[str]:
    """Return the files that hold the secret in plain bytes, as those of the store would."""
    files = [file for file in directory.rglob("*") if file.is_file()]
    return {file.name for file in files if SECRET.encode() in file.read_bytes()}


def known(search: Replica) -> int:
    """Return in how many documents the index knows the secret, deleted ones too; its files spell words in pieces."""
    return search.index.searcher().doc_freq("words", Side.OUTSIDE.mark(SECRET))


async def erase(region: Region, person: Member) -> None:
    order = ErasureOrdered(erasure_id=an_id("erasure"), person_id=person.id)
    await region.assert_fact(order, actor=region_actor(REGION), owner=REGION, service="network")


async def test_no_byte_of_the_erased_is_left_beside_the_store(
    region: Region, search: Replica, anna: Member, bengt: Member
) -> None:
    directory = search.runner.store.path.parent
    await search.fall_behind()
    await publish(anna, SECRET)
    await publish(bengt, "a word that stays")  # in the same segment, which so outlives what is deleted of it
    search.go_on()
    await region.settle()
    await erase(region, anna)
    assert known(search) == 1, "the test proves nothing"
    assert holding(directory), "the test proves nothing"

    await region.forget("search")

    assert known(search) == 0
    assert holding(directory) == set()
    assert [path.name[-2:] for path in directory.iterdir() if path.is_dir()] == [".2"]
    assert len(await region.events(PersonForgotten)) == 1
    assert len(await found(bengt, "stays")) == 1


async def test_a_group_of_the_erased_is_found_without_its_founder(region: Region, anna: Member, bengt: Member) -> None:
    group = await create_group(anna, "Chess club")
    [hit] = await hits(bengt, "chess")
    assert hit.author.id == anna.id

    await erase(region, anna)
    await region.settle()

    [hit] = await hits(bengt, "chess")
    assert hit.id == group.id
    assert not hit.HasField("author")
