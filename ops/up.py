"""``samverka up``: a network of regions on this machine, in the foreground, until it is told to stop."""

from __future__ import annotations

import asyncio
import random
import resource
import secrets
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from ops.configuring import LocalConfiguration
from ops.dirs import DataDir
from ops.failure import Failure
from ops.nats.program import find_program
from ops.output import Output
from ops.plan import REGIONS_MAX, NetworkPlan, check_gateway_port, plan_region
from ops.ports import FreePorts, is_free, issuer_port
from ops.processes import stages
from ops.running import RunningNetwork
from ops.state import end_leftovers, locked
from ops.supervisor import Spec
from services.chassis.clock import SystemClock

OPEN_FILES = 8_192
"""Each port of each replica is held, each process has a pipe, each link a listener: shells often allow 1,024."""
AfterReady = Callable[[NetworkPlan, Output], Awaitable[None]]


class Network(Protocol):
    """Says what the processes of a plan are, stage by stage."""

    def __call__(
        self, plan: NetworkPlan, *, nats_program: str, environment: Mapping[str, str]
    ) -> Sequence[Sequence[Spec]]: ...


@dataclass(frozen=True, slots=True)
class UpRequest:
    """What was asked for; the first region's gateway listens on ``port``, the next on the one after it."""

    data: DataDir
    regions: Sequence[str]
    port: int
    replicas: int

    @property
    def gateway_ports(self) -> range:
        return range(self.port, self.port + len(self.regions))


def run(
    request: UpRequest,
    *,
    output: Callable[[list[str]], Output],
    environment: Mapping[str, str],
    after_ready: AfterReady,
    network: Network = stages,
) -> None:
    """Bring the network up and stay until SIGINT or SIGTERM; Failure if it cannot be brought up.

    ``output`` makes the output for processes of these names; ``network`` says what a plan's processes are.
    """
    allow_open_files()
    with locked(request.data):
        leftovers = end_leftovers(request.data)
        check_regions(request)
        nats_program = find_program()
        ports = FreePorts(chance=random.SystemRandom(), avoid=range(request.port, request.port + REGIONS_MAX))
        plan = make_plan(request, ports=ports)
        clock = SystemClock()
        configuration = LocalConfiguration(nats_program=nats_program, entropy=secrets.token_bytes, clock=clock)
        configuration.write(plan)
        terminal = output([])
        if leftovers:
            terminal.note(f"Ended what an earlier run had left behind: {', '.join(leftovers)}.")
        running = RunningNetwork(
            plan,
            specs_of=partial(network, nats_program=nats_program, environment=environment),
            configuration=configuration,
            terminal=terminal,
            ports=ports,
            clock=clock,
            entropy=secrets.token_bytes,
        )
        try:
            asyncio.run(_stay_up(running, output=terminal, after_ready=after_ready))
        finally:
            request.data.run.unlink(missing_ok=True)


def allow_open_files() -> None:
    """Let this process and its children open as many files as many regions need, if the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))


def check_regions(request: UpRequest) -> None:
    """See that no region is left out that has a log here: its peers would forget it, and nobody see what it holds."""
    missing = [region for region in request.data.regions() if region not in request.regions]
    if missing:
        everybody = ",".join([*request.regions, *missing])
        raise Failure(
            f"{request.data.root} also holds {', '.join(missing)}. Bring all of it up by --regions {everybody}, or put"
            f" {', '.join(str(request.data.region(region).root) for region in missing)} away if it is to go for good."
        )


def make_plan(request: UpRequest, *, ports: FreePorts) -> NetworkPlan:
    """Choose every port; Failure, in one line, if one that is promised is taken."""
    for region, port in zip(request.regions, request.gateway_ports, strict=True):
        check_gateway_port(region, port)
    issuer = issuer_port(request.data.issuer_port, ports)
    if not is_free(issuer):
        raise Failure(
            f"Port {issuer}, where the issuer of {request.data.root} listens, is taken. End what listens there;"
            f" or delete {request.data.issuer_port}, and everybody has to sign in as somebody new."
        )
    ports.hold(issuer)
    plan = NetworkPlan(data=request.data, issuer_port=issuer)
    for region, port in zip(request.regions, request.gateway_ports, strict=True):
        planned = plan_region(region, gateway_port=port, replicas=request.replicas, ports=ports)
        plan = plan.joined_by(planned, ports=ports)
    return plan


async def show_nothing(plan: NetworkPlan, output: Output) -> None:
    """Do nothing once everything is ready."""


async def _stay_up(running: RunningNetwork, *, output: Output, after_ready: AfterReady) -> None:
    stop = _stop_on_signals(running, output)
    cannot_start: Failure | None = None
    async with asyncio.TaskGroup() as tasks:
        try:
            getting_ready = asyncio.create_task(_get_ready(running, tasks, output, after_ready))
            await _first_of(stop, getting_ready)
        except Failure as failure:  # raised here, it would come out in a group
            cannot_start = failure
        finally:
            output.note("Stopping.")
            await running.stop()
    output.note("Stopped.")
    if cannot_start:
        raise cannot_start


async def _get_ready(
    running: RunningNetwork, tasks: asyncio.TaskGroup, output: Output, after_ready: AfterReady
) -> None:
    plan = running.plan
    await running.start(tasks)
    for region in plan.regions:
        output.note(f"{region.region} is ready: {region.url}/graphql", style="bold green")
    try:
        await after_ready(plan, output)
    except Failure as failure:  # the network itself is up
        output.note(str(failure), style="bold red")


async def _first_of(stop: asyncio.Event, getting_ready: asyncio.Task[None]) -> None:
    """Wait until ``stop`` is set, whether or not everything is ready by then; raise what getting ready raised."""
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([stopping, getting_ready], return_when=asyncio.FIRST_COMPLETED)
        if getting_ready.done():
            getting_ready.result()
        await stopping
    finally:
        for task in (stopping, getting_ready):
            task.cancel()
        await asyncio.gather(stopping, getting_ready, return_exceptions=True)


def _stop_on_signals(running: RunningNetwork, output: Output) -> asyncio.Event:
    """Return an event that the first signal sets; a second signal ends everything at once."""
    stop = asyncio.Event()

    def on_signal() -> None:
        if stop.is_set():
            output.note("Ending everything at once.")
            running.kill()
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, on_signal)
    return stop
