"""What stands below a service is built whole over a real server, or not at all, and leaves nothing behind."""

from __future__ import annotations

import asyncio
from pathlib import Path

import nats
import pytest

from services.chassis import limits
from services.chassis.errors import Unavailable
from services.chassis.eventlog.jetstream import StreamMisconfigured
from services.chassis.eventlog.subjects import stream_name
from services.chassis.foundation import Foundation, open_foundation
from services.chassis.projection.progress import CHASSIS_VERSION
from services.chassis.settings import ServiceSettings
from services.chassis.telemetry import Telemetry
from tests.support.logs import new_region, wait_until
from tests.support.nats import NatsServer
from tests.support.tally import applied, intent, say, tally_projection


@pytest.fixture
def telemetry() -> Telemetry:
    return Telemetry(service="tally")


def make_settings(server: NatsServer, data_dir: Path, region: str) -> ServiceSettings:
    return ServiceSettings(
        env="dev", region=region, auth_issuer="http://127.0.0.1:9", nats_url=server.url, data_dir=data_dir
    )


async def carry_out(base: Foundation, region: str, text: str) -> None:
    running = asyncio.create_task(base.runner.run())
    await base.decider.carry_out(intent(region), say(text), owner=intent(region).actor)
    await wait_until(base.runner.ready)
    running.cancel()
    await asyncio.wait((running,))


async def test_a_service_goes_on_over_its_log_and_its_file_from_start_to_start(
    nats_server: NatsServer, tmp_path: Path, telemetry: Telemetry
) -> None:
    region, epochs = new_region(), set()
    for text in ("first", "second"):
        async with open_foundation(
            make_settings(nats_server, tmp_path, region), tally_projection(), telemetry=telemetry
        ) as base:
            await carry_out(base, region, text)
            epochs.add(base.log.epoch)
            rows = await base.runner.store.read(applied)

    assert rows == [(1, "first"), (2, "second")]
    assert len(epochs) == 1
    assert [file.name for file in tmp_path.iterdir()] == [f"tally.v1-{CHASSIS_VERSION}.{epochs.pop()}.sqlite"]


async def test_its_metrics_tell_how_far_the_projection_is(
    nats_server: NatsServer, tmp_path: Path, telemetry: Telemetry
) -> None:
    region = new_region()
    async with open_foundation(
        make_settings(nats_server, tmp_path, region), tally_projection(), telemetry=telemetry
    ) as base:
        await carry_out(base, region, "text")
        await carry_out(base, region, "no right")
        metrics = telemetry.render_metrics().decode()

    for name, value in (("lag", 0), ("position", 2), ("skipped", 0), ("refused", 1)):
        assert f"samverka_projection_{name}_events {value}.0" in metrics


async def test_what_was_opened_before_a_failure_is_closed(
    nats_server: NatsServer, tmp_path: Path, telemetry: Telemetry
) -> None:
    region, in_the_way = new_region(), tmp_path / "file"
    in_the_way.touch()

    with pytest.raises(OSError, match="exists"):
        async with open_foundation(
            make_settings(nats_server, in_the_way, region), tally_projection(), telemetry=telemetry
        ):
            pass
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


async def test_a_stream_that_is_no_log_stops_the_start(
    nats_server: NatsServer, tmp_path: Path, telemetry: Telemetry
) -> None:
    region = new_region()
    client = await nats.connect(nats_server.url)
    await client.jetstream().add_stream(name=stream_name(region), subjects=[f"ev.{region}.>"], max_msgs=5)
    await client.close()

    with pytest.raises(StreamMisconfigured, match="max_msgs is 5"):
        async with open_foundation(
            make_settings(nats_server, tmp_path, region), tally_projection(), telemetry=telemetry
        ):
            pass


async def test_without_a_log_there_is_no_start(
    own_nats_server: NatsServer, tmp_path: Path, telemetry: Telemetry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "LOG_OPEN_SECONDS_MAX", 0.2)
    own_nats_server.kill()

    with pytest.raises(Unavailable):
        async with open_foundation(
            make_settings(own_nats_server, tmp_path, new_region()), tally_projection(), telemetry=telemetry
        ):
            pass
