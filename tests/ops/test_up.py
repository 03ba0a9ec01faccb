"""Facts about a network in the foreground: starting, stopping, being killed, and being in somebody's way."""

from __future__ import annotations

import io
import json
import os
import re
import resource
import signal
import socket
import sys
from contextlib import ExitStack
from pathlib import Path

import httpx
import psutil
import pytest
from rich.console import Console

from ops import up
from ops.dirs import DataDir, make_private, write_private
from ops.failure import Failure
from ops.nats.keys import new_seed, public_key
from ops.output import Output
from ops.plan import SERVICES
from ops.ports import LOOPBACK, FreePorts, is_free
from ops.state import State, read_run
from tests.ops.networks import SECONDS_MAX, StartNetwork, first_of_free, still_running
from tests.ops.small_network import small_network


def _ports(data: Path) -> list[int]:
    run = read_run(DataDir.at(data))
    assert run is not None
    return [int(address.rpartition(":")[2]) for process in run.processes for address in process.addresses.values()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_no_process_and_no_port(
    number: signal.Signals, start_network: StartNetwork, free_ports: FreePorts, tmp_path: Path
) -> None:
    data, port = tmp_path / "data", free_ports.take()
    network = start_network(data, port)
    network.read_until(f"stockholm is ready: http://127.0.0.1:{port}/graphql")
    children, ports = network.descendants(), _ports(data)
    assert len(children) == len(("issuer", "nats", *SERVICES, "gateway"))
    assert network.end(number) == 0
    assert [child for child in children if child.is_running()] == []
    assert [port for port in ports if not is_free(port)] == []
    assert not DataDir.at(data).run.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the next up ends what was left")
def test_a_killed_supervisor_leaves_no_process(
    start_network: StartNetwork, free_ports: FreePorts, tmp_path: Path
) -> None:
    network = start_network(tmp_path / "data", free_ports.take())
    network.read_until("is ready: ")
    children = network.descendants()
    network.end(signal.SIGKILL)
    assert still_running(children) == []


def test_after_a_kill_the_next_up_goes_on_with_the_same_issuer(
    start_network: StartNetwork, free_ports: FreePorts, tmp_path: Path
) -> None:
    data, port = tmp_path / "data", free_ports.take()
    issuers = []
    for ending in (signal.SIGKILL, signal.SIGTERM):
        network = start_network(data, port)
        network.read_until("is ready: ")
        run = read_run(DataDir.at(data))
        assert run is not None
        issuers.append(run.issuer_url)
        network.end(ending)
    assert issuers[0] == issuers[1]


def test_two_ups_on_one_directory_are_told(start_network: StartNetwork, free_ports: FreePorts, tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = start_network(data, free_ports.take())
    first.read_until("is ready: ")
    second = start_network(data, free_ports.take())
    assert second.process.wait(timeout=SECONDS_MAX) == 1
    assert second.read_until("Another").endswith(f"(pid {first.process.pid}) runs on {data.resolve()}.\n")
    assert first.process.poll() is None
    assert read_run(DataDir.at(data)) is not None


def test_a_busy_gateway_port_is_one_clear_line(
    start_network: StartNetwork, free_ports: FreePorts, tmp_path: Path
) -> None:
    port = free_ports.take()
    with socket.create_server((LOOPBACK, port)):
        network = start_network(tmp_path / "data", port)
        said, _ = network.process.communicate(timeout=SECONDS_MAX)
    assert network.process.returncode == 1
    assert said == (
        f"samverka: Port {port}, where the gateway of stockholm should listen, is taken. Choose others by --port.\n"
    )


def test_a_link_that_cannot_listen_is_one_clear_line_and_leaves_nothing(free_ports: FreePorts, tmp_path: Path) -> None:
    data = DataDir.at(tmp_path / "data")
    request = up.UpRequest(data, regions=["stockholm", "tokyo"], port=first_of_free(2, free_ports), replicas=1)
    before = psutil.Process().children(recursive=True)  # such as the server that all tests of this process share
    with ExitStack() as taken:

        def output(names: list[str]) -> Output:
            """The configuration is written by now: take the port that tokyo is to dial."""
            port = re.findall(r"nats-leaf://127\.0\.0\.1:(\d+)", data.region("tokyo").nats_conf.read_text())[0]
            taken.enter_context(socket.create_server((LOOPBACK, int(port))))
            return Output(Console(file=io.StringIO()), names)

        with pytest.raises(Failure, match="The link stockholm–tokyo cannot listen on port"):
            up.run(request, output=output, environment={}, after_ready=up.show_nothing, network=small_network)
    assert psutil.Process().children(recursive=True) == before
    assert not data.run.exists()


def test_as_many_files_may_be_open_as_the_system_allows_and_many_regions_need() -> None:
    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, most))
    try:
        up.allow_open_files()
        allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (before, most))
    assert allowed == (up.OPEN_FILES if most == resource.RLIM_INFINITY else min(most, up.OPEN_FILES))


def test_a_process_that_is_killed_comes_back_on_its_port(
    start_network: StartNetwork, free_ports: FreePorts, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    network = start_network(data, free_ports.take())
    network.read_until("is ready: ")
    before = read_run(DataDir.at(data))
    assert before is not None
    (log,) = [process for process in before.processes if process.service == "nats"]
    assert log.identity is not None
    os.kill(log.identity.pid, signal.SIGKILL)
    network.read_until("stockholm/nats is ready again.")
    after = read_run(DataDir.at(data))
    assert after is not None
    (again,) = [process for process in after.processes if process.service == "nats"]
    assert (again.state, again.restarts, again.addresses) == (State.READY, 1, log.addresses)


def test_the_log_is_kept_on_the_disk_and_on_loopback_alone(
    start_network: StartNetwork, free_ports: FreePorts, tmp_path: Path
) -> None:
    data = tmp_path / "a path's"
    network = start_network(data, free_ports.take())
    network.read_until("is ready: ")
    run = read_run(DataDir.at(data))
    assert run is not None
    (log,) = [process for process in run.processes if process.service == "nats"]
    config = httpx.get(f"http://{log.addresses['monitor']}/jsz", trust_env=False, timeout=SECONDS_MAX).json()["config"]
    assert (config["sync_always"], config["domain"]) == (True, "stockholm")
    assert config["store_dir"] == str(data.resolve() / "stockholm" / "nats" / "jetstream")
    assert log.identity is not None
    listening = psutil.Process(log.identity.pid).net_connections()
    assert {connection.laddr.ip for connection in listening} == {LOOPBACK}


def test_the_record_holds_no_key_of_the_log(start_network: StartNetwork, free_ports: FreePorts, tmp_path: Path) -> None:
    data = DataDir.at(tmp_path / "data")
    network = start_network(data.root, free_ports.take())
    network.read_until("is ready: ")
    record = json.dumps(json.loads(data.run.read_text()))
    seeds = [seed.read_text() for seed in data.region("stockholm").root.glob("*.nk")]
    assert len(seeds) == 3
    assert not any(seed in record for seed in seeds)


def test_a_region_made_before_there_were_links_goes_on(
    start_network: StartNetwork, free_ports: FreePorts, tmp_path: Path
) -> None:
    """Such a directory holds a log, one key, and a configuration without peers."""
    data, port = DataDir.at(tmp_path / "data"), free_ports.take()
    home = data.region("stockholm")
    seed = new_seed(os.urandom)
    write_private(home.services_seed, seed)
    write_private(home.nats_conf, b"# written by an older version\n")
    make_private(home.nats_store)
    network = start_network(data.root, port)
    network.read_until("stockholm is ready: ")
    assert home.services_seed.read_bytes() == seed
    assert public_key(seed) in home.nats_conf.read_text()
    assert network.end(signal.SIGTERM) == 0
