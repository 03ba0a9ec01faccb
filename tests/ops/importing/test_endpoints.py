"""An import finds its region, or says what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.dirs import DataDir
from ops.failure import Failure
from ops.importing.endpoints import explicit, gateways, local, renewed
from ops.importing.limits import TOKEN_FILE_SECONDS
from ops.state import Identity, ProcessRecord, RunRecord, State, write_run
from services.chassis.clock import ManualClock


def process(service: str, number: int, port: int) -> ProcessRecord:
    return ProcessRecord(
        name=f"stockholm/{service}-{number}",
        region="stockholm",
        service=service,
        state=State.READY,
        identity=None,
        restarts=0,
        addresses={"grpc": f"127.0.0.1:{port}", "health": "127.0.0.1:1"},
    )


@pytest.fixture
def data(tmp_path: Path) -> DataDir:
    data = DataDir.at(tmp_path)
    write_run(
        data,
        RunRecord(
            supervisor=Identity(pid=1, started_at=0.0),
            issuer_url="http://127.0.0.1:9",
            urls={"stockholm": "http://127.0.0.1:8080"},
            processes=[process("profile", 1, 5001), process("feed", 1, 5002), process("feed", 2, 5003)],
        ),
    )
    return data


def test_a_local_region_is_found_with_all_its_replicas(data: DataDir) -> None:
    endpoints = local(data, "stockholm", ManualClock())
    assert endpoints.profile_target == "ipv4:127.0.0.1:5001"
    assert endpoints.feed_target == "ipv4:127.0.0.1:5002,127.0.0.1:5003"
    assert endpoints.token().count(".") == 2


def test_every_region_that_runs_has_a_gateway_to_be_read_by(data: DataDir) -> None:
    found = gateways(data, ManualClock())
    assert {region: gateway.url for region, gateway in found.items()} == {"stockholm": "http://127.0.0.1:8080"}
    assert found["stockholm"].token().count(".") == 2


def test_a_region_that_does_not_run_is_named_with_those_that_do(data: DataDir) -> None:
    with pytest.raises(Failure, match=r"No region tokyo .* it runs stockholm"):
        local(data, "tokyo", ManualClock())


def test_where_nothing_runs_the_way_to_start_is_told(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="samverka up"):
        local(DataDir.at(tmp_path), "stockholm", ManualClock())


def test_a_token_file_is_read_again_as_it_is_renewed(tmp_path: Path) -> None:
    file, clock = tmp_path / "token", ManualClock()
    file.write_text("one\n")
    endpoints = explicit(profile_target="p", feed_target="f", token_file=file, clock=clock)
    file.write_text("two\n")
    assert endpoints.token() == "one"
    clock.advance(TOKEN_FILE_SECONDS)
    assert endpoints.token() == "two"


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff", b"two\nlines"])
def test_a_file_that_holds_no_token_is_a_failure(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "token"
    file.write_bytes(content)
    with pytest.raises(Failure):
        explicit(profile_target="p", feed_target="f", token_file=file, clock=ManualClock())


def test_a_token_is_issued_again_only_when_it_is_time() -> None:
    issued, clock = iter("abc"), ManualClock()
    token = renewed(lambda: next(issued), clock=clock, every_seconds=10)
    assert [token(), token()] == ["a", "a"]
    clock.advance(10)
    assert [token(), token()] == ["b", "b"]
