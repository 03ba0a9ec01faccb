"""Facts about real servers on written directories: what is shared, what is not, and that nobody restarts."""

from __future__ import annotations

import asyncio
import ssl

import pytest

from ops.nats import asking
from ops.nats.asking import answers_us
from ops.network.changes import Need
from ops.network.description import Region
from ops.network.keyring import Keyring
from ops.network.preparing import all_seeds
from services.chassis.eventlog.jetstream import open_log
from services.chassis.eventlog.subjects import stream_name
from tests.ops.network.meshes import Mesh, ask, certificate_shown, held, make_log, mesh_of, wait_until


async def _start(mesh: Mesh, regions: list[Region]) -> None:
    """Write and start a mesh, and make every region's log once all its links are there."""
    mesh.directory.write(mesh_of(*regions))
    for region in regions:
        await mesh.start(region)
    for region in regions:
        await wait_until(lambda name=region.name: mesh.answer_all(name))  # type: ignore[misc]
    for region in regions:
        await make_log(await mesh.client(region.name), region.name, [peer.name for peer in regions if peer != region])


async def test_three_regions_hold_each_others_events_and_nobodys_local_ones(mesh: Mesh, regions: list[Region]) -> None:
    await _start(mesh, regions)
    local = {region.name: await mesh.publish(region.name, "local") for region in regions}
    public = [await mesh.publish(region.name) for region in regions]
    for region in regions:
        await mesh.wait_holds(region.name, *public)
        expected = dict.fromkeys([*public, local[region.name]], 1)
        assert await held(await mesh.client(region.name), region.name) == expected


async def test_a_region_joins_while_nobody_restarts(mesh: Mesh, regions: list[Region]) -> None:
    *old, new = regions
    names = [region.name for region in regions]
    await _start(mesh, old)
    before = {region.name: (mesh.pid(region.name), await mesh.server_id(region.name)) for region in old}
    assert mesh.directory.write(mesh_of(*regions)).needs == dict(
        zip(names, [Need.RELOAD, Need.RELOAD, Need.START], strict=True)
    )
    await mesh.reload(*names[:2])
    await mesh.start(new)
    await wait_until(lambda: mesh.answer_all(new.name))
    for region in regions:
        verb = "CREATE" if region == new else "UPDATE"
        peers = [peer.name for peer in regions if peer != region]
        await make_log(await mesh.client(region.name), region.name, peers, verb=verb)
    public = [await mesh.publish(region.name) for region in regions]
    for region in regions:
        await mesh.wait_holds(region.name, *public)
    assert {region.name: (mesh.pid(region.name), await mesh.server_id(region.name)) for region in old} == before


async def test_a_reload_does_not_disturb_the_links_that_are_there(mesh: Mesh, regions: list[Region]) -> None:
    await _start(mesh, regions)
    before = await mesh.link_ids(regions[1].name)
    await mesh.reload(*(region.name for region in regions))
    assert await mesh.link_ids(regions[1].name) == before
    assert len(before) == 2


async def test_keys_are_changed_and_no_link_is_ever_refused(
    mesh: Mesh, regions: list[Region], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "_ANSWER_SECONDS_MAX", 30.0)  # a link that is away is told at once
    described, names = mesh_of(*regions), [region.name for region in regions]
    await _start(mesh, regions)
    seeds = all_seeds(described, mesh.directory.data)

    def change(keyring: Keyring) -> None:
        for seed in seeds:
            keyring.change(seed)

    def finish(keyring: Keyring) -> None:
        for seed in seeds:
            keyring.finish(seed)

    keepers = {name: await mesh.client(name) for name in names}
    for step in (change, finish):
        for name in mesh.directory.write(described, step).needs:
            await mesh.reload(name)
            for one, keeper in keepers.items():
                for peer in names:
                    assert peer == one or await answers_us(keeper, peer), f"{peer} to {one} after {name}"
            if step is change:
                assert not any(keeper.stats["reconnects"] for keeper in keepers.values())
        keepers = {name: await mesh.client(name, fresh=True) for name in names}
    assert not any([await mesh.says(name, "authentication error") for name in names])


async def test_a_renewed_certificate_is_shown_after_a_reload_and_no_link_is_dropped(
    mesh: Mesh, regions: list[Region]
) -> None:
    await _start(mesh, regions)
    tokyo, peer = regions[1], mesh.directory.data.region(regions[0].name)
    home = mesh.directory.data.region(tokyo.name)
    before, links = home.certificate.read_text(), await mesh.link_ids(tokyo.name)
    home.certificate.unlink()

    changes = mesh.directory.write(mesh_of(*regions))
    assert changes.needs == {tokyo.name: Need.RELOAD}
    await mesh.reload(tokyo.name)

    renewed = home.certificate.read_text()
    assert renewed != before
    shown = await asyncio.to_thread(certificate_shown, tokyo.leaf_listen, peer)
    assert shown == ssl.PEM_cert_to_DER_cert(renewed)
    assert await mesh.link_ids(tokyo.name) == links
    await mesh.drop(tokyo.name, [])  # whoever dials again does so by the new one
    await wait_until(lambda: mesh.answer_all(tokyo.name))


async def test_a_region_that_was_removed_is_let_in_no_longer(mesh: Mesh, regions: list[Region]) -> None:
    *stay, gone = regions
    await _start(mesh, regions)
    mesh.directory.write(mesh_of(*stay))
    await mesh.reload(*(region.name for region in stay))
    for region in stay:
        await wait_until(lambda region=region: mesh.has_links(region.name, 1))  # type: ignore[misc]
    for region in stay:
        assert not await answers_us(await mesh.client(gone.name), region.name)
    await wait_until(lambda: mesh.says(stay[0].name, "authentication error"))
    subject = await mesh.publish(stay[0].name)
    await mesh.wait_holds(stay[1].name, subject)
    assert subject not in await held(await mesh.client(gone.name), gone.name)


async def test_all_links_are_closed_when_that_is_asked_for_and_come_back(mesh: Mesh, regions: list[Region]) -> None:
    await _start(mesh, regions)
    before = await mesh.link_ids("tokyo")
    assert await mesh.drop("tokyo", []) == len(before) == 2
    await wait_until(lambda: mesh.answer_all("tokyo"))
    assert not set(before) & set(await mesh.link_ids("tokyo"))


async def test_services_open_the_log_and_neither_change_nor_purge_it(mesh: Mesh, regions: list[Region]) -> None:
    region = regions[0].name
    mesh.directory.write(mesh_of(regions[0]))
    await mesh.start(regions[0])
    seed = mesh.directory.data.region(region).services_seed
    log = await open_log(url=mesh.url(region), region=region, new_epoch="E", nkey_seed_file=seed)
    sequence = await log.append("1", f"ev.{region}.pub.feed.maja", b"an event")
    following = log.follow(after=0)
    assert [entry.sequence for entry in await anext(following)] == [sequence]
    assert await log.last_sequence(f"ev.{region}.*.feed.maja") == sequence
    await following.aclose()
    await log.close()
    services, keeper, stream = await mesh.client(region, "services"), await mesh.client(region), stream_name(region)
    for verb in ("PURGE", "UPDATE", "DELETE", "MSG.DELETE", "SNAPSHOT", "RESTORE"):
        assert await ask(services, f"$JS.API.STREAM.{verb}.{stream}", seconds=0.3) is None
    assert await held(keeper, region) == {f"ev.{region}.pub.feed.maja": 1}
    for verb in ("PURGE", "DELETE"):
        assert await ask(keeper, f"$JS.API.STREAM.{verb}.{stream}", seconds=0.3) is None


async def test_services_write_in_the_name_of_no_other_region(mesh: Mesh, regions: list[Region]) -> None:
    await _start(mesh, regions[:2])
    services = await mesh.client(regions[0].name, "services")
    await services.publish("ev.tokyo.pub.feed.maja", b"forged")
    await services.publish(f"fed.tokyo.{regions[0].name}.x", b"forged")
    await services.flush()
    own = await mesh.publish(regions[0].name)
    await mesh.wait_holds("tokyo", own)
    assert await held(await mesh.client(regions[0].name), regions[0].name) == {own: 1}
