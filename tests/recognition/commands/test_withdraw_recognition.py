"""What was given is taken back by its giver, for good, and is nowhere any more."""

from __future__ import annotations

from samverka.recognition.v1.recognition_events_pb2 import RecognitionWithdrawn
from tests.recognition.calls import award, define, ids, recognition, statement, thank, withdraw
from tests.support.services import Member, Region, refusal


async def test_what_is_withdrawn_is_in_no_list_and_no_total(
    region: Region, maja: Member, anna: Member, bengt: Member
) -> None:
    hand = await define(maja, value="Care")
    stays = await thank(anna, bengt.id, value="Care")
    taken = [await thank(anna, bengt.id, value="Care"), await award(anna, hand.id, bengt.id)]
    for given in taken:
        assert await withdraw(anna, given.id) == given.id

    for viewer in (anna, bengt, maja):
        assert await ids(viewer) == await ids(viewer, of=bengt.id) == await ids(viewer, of=anna.id) == [stays.id]
    for given in taken:
        assert (await refusal(recognition(anna, given.id))).code == "recognition_not_found"
    shown = await statement(bengt, bengt.id)
    assert (shown.total, shown.thanks, len(shown.badges)) == (1, 1, 0)
    assert [(total.value, total.count) for total in shown.values] == [("Care", 1)]
    assert [edge.node.id for edge in shown.evidence.edges] == [stays.id]


async def test_nothing_is_left_of_what_was_said(region: Region, anna: Member, bengt: Member) -> None:
    given = await thank(anna, bengt.id, message="Secret words", value="Secret value")
    await withdraw(anna, given.id)

    rows = region.recognition.runner.store.read_now(lambda db: db.execute("select * from recognitions").fetchall())
    assert len(rows) == 1
    assert "Secret" not in repr(rows)


async def test_nobody_withdraws_what_another_gave(region: Region, anna: Member, bengt: Member) -> None:
    given = await thank(anna, bengt.id)

    error = await refusal(withdraw(bengt, given.id))

    assert (error.code, error.field) == ("not_giver", "recognition_id")
    assert not await region.events(RecognitionWithdrawn)


async def test_it_is_withdrawn_once(anna: Member, bengt: Member) -> None:
    given = await thank(anna, bengt.id)
    await withdraw(anna, given.id)

    assert (await refusal(withdraw(anna, given.id))).code == "recognition_not_found"
