"""Lists of recognition, and what is private among it."""

from __future__ import annotations

from samverka.network.v1.network_events_pb2 import ErasureOrdered
from services.chassis import limits
from services.chassis.ids import region_actor
from services.chassis.paging import PageRequest
from services.chassis.store import Connection
from services.recognition.queries.list_recognitions import list_recognitions
from services.recognition.queries.recognitions_since import recognitions_since
from tests.recognition.calls import award, define, ids, lead, listed, recognition, thank, withdraw
from tests.support.services import REGION, Member, Region, refusal
from tests.support.tables import an_id, plans, scans


async def test_everybody_s_come_latest_first_and_in_pages(anna: Member, bengt: Member) -> None:
    given = [(await thank(anna, bengt.id)).id for _ in range(3)]

    page = await listed(anna, first=2)
    rest = await listed(anna, first=2, after=page.page_info.end_cursor)

    assert [edge.node.id for edge in (*page.edges, *rest.edges)] == given[::-1]
    assert (page.page_info.has_next_page, rest.page_info.has_next_page) == (True, False)
    assert rest.page_info.start_cursor == rest.edges[0].cursor


async def test_a_person_s_are_what_they_gave_and_got(anna: Member, bengt: Member, carla: Member) -> None:
    gave, got = await thank(anna, bengt.id), await thank(carla, anna.id, bengt.id)
    await thank(bengt, carla.id)

    assert await ids(carla, of=anna.id) == [got.id, gave.id]


async def test_what_is_private_is_for_giver_receivers_and_their_managers_on_every_path(
    region: Region, maja: Member, anna: Member, bengt: Member, carla: Member
) -> None:
    hand = await define(maja)
    leader, outsider = await region.member("leader"), await region.member("admin", role="admin")
    await lead(carla, leader.id)
    await lead(anna, outsider.id)  # to lead the giver is no reason to read it
    await region.settle()
    private = [await thank(anna, bengt.id, carla.id, private=True), await award(anna, hand.id, carla.id, private=True)]
    public = await thank(anna, bengt.id)

    for reader in (anna, carla, leader):
        assert await ids(reader) == [public.id, private[1].id, private[0].id]
        assert await recognition(reader, private[0].id) == await recognition(anna, private[0].id)
    for other in (maja, outsider):
        assert await ids(other) == [public.id]
        assert await ids(other, of=carla.id) == []
        for given in private:
            for refused in (refusal(recognition(other, given.id)), refusal(withdraw(other, given.id))):
                error = await refused
                unknown = await refusal(recognition(other, other.id))
                assert (error.code, error.message) == (unknown.code, unknown.message)


async def test_what_the_erased_got_beside_others_is_not_shown_as_theirs(
    region: Region, anna: Member, bengt: Member, carla: Member
) -> None:
    both = await thank(anna, bengt.id, carla.id)
    assert await ids(anna, of=carla.id) == [both.id]

    order = ErasureOrdered(erasure_id=an_id("erasure"), person_id=carla.id)
    await region.assert_fact(order, actor=region_actor(REGION), owner=REGION, service="network")

    assert await ids(anna, of=carla.id) == []
    assert await ids(anna, of=bengt.id) == [both.id]


async def test_no_page_and_no_watcher_reads_a_table_from_end_to_end(region: Region, anna: Member) -> None:
    page, viewer = PageRequest(limits.PAGE_ITEMS_DEFAULT, None), anna.id

    def all_plans(db: Connection) -> list[list[str]]:
        return [
            *plans(db, lambda db: list_recognitions(db, "", page, viewer=viewer, month=202311, epoch="e")),
            *plans(db, lambda db: list_recognitions(db, viewer, page, viewer=viewer, month=202311, epoch="e")),
            *plans(db, lambda db: recognitions_since(db, 5, viewer=viewer, month=202311, epoch="e", most=100)),
        ]

    for plan in region.recognition.runner.store.read_now(all_plans):
        assert not scans(plan), plan
