"""``samverka up``: a network of regions on this machine, in the foreground, until it is told to stop."""

from __future__ import annotations

import asyncio
import random
import secrets
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ops.dirs import DataDir, make_private, write_private
from ops.failure import Failure
from ops.nats.keys import ensure_seed
from ops.nats.program import find_program
from ops.nats.rendering import render
from ops.nats.server import NatsServer, Users
from ops.output import Output
from ops.plan import NetworkPlan, RegionPlan, plan_region
from ops.ports import LOOPBACK, FreePorts, is_free, issuer_port
from ops.processes import stages
from ops.state import Identity, RunRecord, end_leftovers, locked, write_run
from ops.supervisor import Child, Spec, Supervisor
from services.chassis.clock import SystemClock

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
    with locked(request.data):
        leftovers = end_leftovers(request.data)
        nats_program = find_program()
        plan = make_plan(request, ports=FreePorts(chance=random.SystemRandom(), avoid=request.gateway_ports))
        for region in plan.regions:
            write_nats_conf(request.data, region)
        specs = network(plan, nats_program=nats_program, environment=environment)
        speech = output([spec.name for stage in specs for spec in stage])
        if leftovers:
            speech.note(f"Ended what an earlier run had left behind: {', '.join(leftovers)}.")
        try:
            asyncio.run(_stay_up(plan, specs, output=speech, after_ready=after_ready))
        finally:
            request.data.run.unlink(missing_ok=True)


def make_plan(request: UpRequest, *, ports: FreePorts) -> NetworkPlan:
    """Choose every port; Failure, in one line, if one that is promised is taken."""
    for region, port in zip(request.regions, request.gateway_ports, strict=True):
        if not is_free(port):
            raise Failure(
                f"Port {port}, where the gateway of {region} should listen, is taken. Choose others by --port."
            )
    issuer = issuer_port(request.data.issuer_port, ports)
    if not is_free(issuer):
        raise Failure(
            f"Port {issuer}, where the issuer of {request.data.root} listens, is taken. End what listens there;"
            f" or delete {request.data.issuer_port}, and everybody has to sign in as somebody new."
        )
    return NetworkPlan(
        data=request.data,
        issuer_port=issuer,
        regions=[
            plan_region(region, gateway_port=port, replicas=request.replicas, ports=ports)
            for region, port in zip(request.regions, request.gateway_ports, strict=True)
        ],
    )


def write_nats_conf(data: DataDir, region: RegionPlan) -> None:
    """Write what the region's nats-server reads at its start."""
    home = data.region(region.region)
    make_private(home.nats_store)
    server = NatsServer(
        region=region.region,
        store=home.nats_store,
        client_listen=f"{LOOPBACK}:{region.nats_client_port}",
        monitor_listen=f"{LOOPBACK}:{region.nats_monitor_port}",
        users=Users(services=(ensure_seed(home.services_seed, secrets.token_bytes),)),
    )
    write_private(home.nats_conf, render(server).encode())


async def show_nothing(plan: NetworkPlan, output: Output) -> None:
    """Do nothing once everything is ready."""


async def _stay_up(
    plan: NetworkPlan, specs: Sequence[Sequence[Spec]], *, output: Output, after_ready: AfterReady
) -> None:
    myself = Identity.mine()
    children: list[Child] = []

    def record() -> None:
        urls = {region.region: region.url for region in plan.regions}
        processes = [child.record() for child in children]
        try:
            write_run(plan.data, RunRecord(myself, issuer_url=plan.issuer_url, urls=urls, processes=processes))
        except Failure as error:  # a full disk must not end what runs
            output.note(f"What runs cannot be recorded: {error}")

    clock = SystemClock()
    kept = [[Child(spec, speech=output, clock=clock, changed=record) for spec in stage] for stage in specs]
    children.extend(child for stage in kept for child in stage)
    supervisor = Supervisor(kept, speech=output)
    stop = _stop_on_signals(supervisor, output)
    async with asyncio.TaskGroup() as tasks:
        try:
            getting_ready = asyncio.create_task(_get_ready(supervisor, tasks, plan, output, after_ready))
            await _first_of(stop, getting_ready)
        finally:
            output.note("Stopping.")
            await supervisor.stop()
    output.note("Stopped.")


async def _get_ready(
    supervisor: Supervisor, tasks: asyncio.TaskGroup, plan: NetworkPlan, output: Output, after_ready: AfterReady
) -> None:
    await supervisor.start(tasks)
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


def _stop_on_signals(supervisor: Supervisor, output: Output) -> asyncio.Event:
    """Return an event that the first signal sets; a second signal ends everything at once."""
    stop = asyncio.Event()

    def on_signal() -> None:
        if stop.is_set():
            output.note("Ending everything at once.")
            supervisor.kill()
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, on_signal)
    return stop
