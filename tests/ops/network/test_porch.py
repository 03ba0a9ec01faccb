"""Facts about what a region can do to a peer with the credentials of their link: source its public events, no more."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg

from ops.nats.accounts import delivery, source_api, source_request
from ops.network.description import Region
from ops.ports import FreePorts
from services.chassis.eventlog.subjects import stream_name
from tests.ops.network.meshes import Mesh, ask, held, make_log, mesh_of, wait_until

VICTIM, LIAR = "stock-holm", "tokyo"
STREAM = stream_name(VICTIM)
SOURCE = f"{delivery(VICTIM, LIAR)}.source"
REFUSED_SECONDS = 0.3


@pytest.fixture
async def victim(mesh: Mesh, regions: list[Region]) -> Client:
    """The keeper of a region whose log holds a public and a local event."""
    mesh.directory.write(mesh_of(*regions))
    await mesh.start(regions[0])
    keeper = await mesh.client(VICTIM)
    await make_log(keeper, VICTIM, [])
    await mesh.publish(VICTIM)
    await mesh.publish(VICTIM, "local")
    return keeper


@pytest.fixture
async def liar(victim: Client, mesh: Mesh, regions: list[Region], free_ports: FreePorts) -> Client:
    """A connection beyond the link, at a server that uses its credentials and keeps to no rule."""
    home, listen = mesh.directory.data.region(LIAR), f"127.0.0.1:{free_ports.take()}"
    conf = home.root / "liar.conf"
    conf.write_text(f"""
        listen: "{listen}"
        leafnodes {{ remotes: [ {{
            urls: ["nats-leaf://{regions[0].leaf}"], include "links/{VICTIM}.conf"
            tls {{ cert_file: "{home.certificate}", key_file: "{home.certificate_key}", ca_file: "{home.authority}" }}
        }} ] }}
    """)
    client = await mesh.stranger(conf, listen)
    await wait_until(lambda: mesh.has_links(VICTIM, 1))
    await wait_until(lambda: _is_answered(client))
    return client


@pytest.fixture
async def overheard(liar: Client) -> list[Msg]:
    """What comes to somebody who listens to everything beyond the link."""
    messages: list[Msg] = []

    async def note(message: Msg) -> None:
        messages.append(message)

    exact = [f"ev.{VICTIM}.{reach}.feed.maja" for reach in ("pub", "local")]
    for subject in (">", "ev.>", f"ev.{VICTIM}.>", *exact, SOURCE):
        await liar.subscribe(subject, cb=note)
    await liar.flush()
    return messages


async def _is_answered(liar: Client) -> bool:
    return await _source(liar, "probe") is not None


async def _source(liar: Client, name: str, **config: Any) -> dict[str, Any] | None:
    """Ask for a consumer as a source does; without a configuration it is refused."""
    body = {"stream_name": STREAM, "config": {"name": name, "ack_policy": "none", **config}} if config else {}
    return await ask(liar, f"{source_api(VICTIM)}.{source_request(VICTIM, name)}", body)


async def test_what_a_source_may_ask_for_is_delivered(liar: Client, overheard: list[Msg]) -> None:
    """The proof that the refusals below are refusals, and not a line that is dead."""
    made = await _source(liar, "source", filter_subject=f"ev.{VICTIM}.pub.>", deliver_subject=SOURCE)
    assert made is not None
    assert made["num_pending"] == 1

    async def has_come() -> bool:
        return any(message.data == b"an event" for message in overheard)

    await wait_until(has_come)
    assert {message.subject for message in overheard if message.data == b"an event"} == {f"ev.{VICTIM}.pub.feed.maja"}


async def test_nothing_is_overheard(mesh: Mesh, liar: Client, overheard: list[Msg]) -> None:
    await mesh.publish(VICTIM)
    await mesh.publish(VICTIM, "local")
    await _source(liar, "probe")  # an answer comes after what was sent before
    assert [message for message in overheard if message.subject.startswith(("ev.", "fed."))] == []


@pytest.mark.parametrize(
    "request_",
    [
        "INFO",
        "STREAM.NAMES",
        f"STREAM.INFO.{STREAM}",
        f"STREAM.PURGE.{STREAM}",
        f"STREAM.UPDATE.{STREAM}",
        f"STREAM.DELETE.{STREAM}",
        f"STREAM.MSG.GET.{STREAM}",
        f"DIRECT.GET.{STREAM}",
        f"CONSUMER.NAMES.{STREAM}",
        f"CONSUMER.CREATE.{STREAM}",
        f"CONSUMER.CREATE.{STREAM}.x.ev.{VICTIM}.local.>",
        f"CONSUMER.CREATE.{STREAM}.x.ev.{VICTIM}.>",
        f"CONSUMER.CREATE.{STREAM}.x.ev.>",
    ],
)
async def test_other_requests_are_not_answered(request_: str, victim: Client, liar: Client) -> None:
    prefixes = ("$JS.API", f"$JS.{VICTIM}.API", source_api(VICTIM))
    answers = await asyncio.gather(*(ask(liar, f"{prefix}.{request_}", seconds=REFUSED_SECONDS) for prefix in prefixes))
    assert answers == [None, None, None]
    assert len(await held(victim, VICTIM)) == 2


@pytest.mark.parametrize(
    "config",
    [
        {"filter_subject": f"ev.{VICTIM}.local.>"},
        {"filter_subject": f"ev.{VICTIM}.>"},
        {"filter_subjects": [f"ev.{VICTIM}.pub.>", f"ev.{VICTIM}.local.>"]},
        {"filter_subjects": [f"ev.{VICTIM}.local.>"]},
        {"durable_name": "x"},
    ],
    ids=str,
)
async def test_a_filter_other_than_that_of_the_request_is_refused(config: dict[str, Any], liar: Client) -> None:
    refused = await _source(liar, "x", deliver_subject=f"{delivery(VICTIM, LIAR)}.x", **config)
    assert refused is not None
    assert refused["error"]["code"] == 400


@pytest.mark.parametrize("subject", [f"$JS.API.STREAM.DELETE.{STREAM}", f"$JS.API.STREAM.PURGE.{STREAM}"])
@pytest.mark.parametrize("empty", [{"headers_only": True}, {"deliver_policy": "new", "idle_heartbeat": 100_000_000}])
async def test_deliveries_are_no_requests(
    subject: str, empty: dict[str, Any], mesh: Mesh, victim: Client, liar: Client
) -> None:
    """A peer chooses where its deliveries go, and a delivery without a body looks like a request to purge."""
    await _source(liar, "x", filter_subject=f"ev.{VICTIM}.pub.>", deliver_subject=subject, **empty)
    await _source(
        liar, "y", filter_subject=f"ev.{VICTIM}.pub.>", deliver_subject=f"{delivery(VICTIM, LIAR)}.y", **empty
    )
    for _ in range(5):
        await mesh.publish(VICTIM)
        await ask(liar, f"{source_api(VICTIM)}.nothing", seconds=0.1)
    assert (await held(victim, VICTIM))[f"ev.{VICTIM}.pub.feed.maja"] == 6


async def test_entries_are_not_delivered_back_into_the_log(victim: Client, liar: Client) -> None:
    refused = await _source(
        liar, "x", filter_subject=f"ev.{VICTIM}.pub.>", deliver_subject=f"ev.{VICTIM}.pub.feed.kenji"
    )
    assert refused is not None
    assert "cycle" in refused["error"]["description"]


async def test_events_are_not_written_into_the_log(victim: Client, liar: Client) -> None:
    for subject in (f"ev.{VICTIM}.pub.feed.maja", f"ev.{LIAR}.pub.feed.kenji", f"fed.{LIAR}.{VICTIM}.x"):
        await liar.publish(subject, b"forged")
    await _source(liar, "probe")
    assert sum((await held(victim, VICTIM)).values()) == 2


async def test_the_key_of_a_link_opens_no_connection_of_a_client(
    victim: Client, mesh: Mesh, regions: list[Region]
) -> None:
    seed = mesh.directory.data.region(LIAR).link_seed(VICTIM)
    client = Client()
    with pytest.raises(Exception, match="Authorization Violation"):
        await client.connect(mesh.url(VICTIM), nkeys_seed=str(seed), allow_reconnect=False)
    await client.close()
