"""A network that runs: its processes and links, the record of them, and what it can be asked for while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, cast

from ops.control import ControlServer
from ops.failure import Failure
from ops.links import Link, Links
from ops.nats.keys import Entropy
from ops.nats.reloading import reload_until
from ops.plan import REGIONS_MAX, NetworkPlan, RegionPlan, check_gateway_port, plan_region
from ops.ports import FreePorts
from ops.processes import NATS
from ops.state import Control, Identity, ProcessRecord, RunRecord, State, write_run
from ops.supervisor import Child, Spec, Speech, Supervisor
from services.chassis.clock import Clock
from services.chassis.ids import is_region


class Terminal(Speech, Protocol):
    """Where words go; it is told who will speak."""

    def expect(self, names: Iterable[str]) -> None: ...


class Configuration(Protocol):
    """What the servers of a plan read."""

    def write(self, plan: NetworkPlan) -> None:
        """Write what changed; Failure if a server would not take it."""

    async def reload(self, region: RegionPlan, *, pid: int) -> None:
        """Make a running server read its configuration again; Failure if it does not."""

    async def all_answer(self, plan: NetworkPlan, name: str) -> bool:
        """Whether all regions answer ``name`` over their links, and it answers them."""


class RunningNetwork:
    """All regions of a plan, kept running, and joined by others when asked."""

    def __init__(
        self,
        plan: NetworkPlan,
        *,
        specs_of: Callable[[NetworkPlan], Sequence[Sequence[Spec]]],
        configuration: Configuration,
        terminal: Terminal,
        ports: FreePorts,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self.plan = plan
        self.links = Links(plan.links)
        self._specs_of = specs_of
        self._configuration = configuration
        self._terminal = terminal
        self._ports = ports
        self._clock = clock
        self._myself = Identity.mine()
        self._ready = asyncio.Event()
        self._control: Control | None = None
        self._server = ControlServer(
            {
                "cut": (2, self._cut),
                "hang": (2, self._hang),
                "heal": (2, self._heal),
                "add": (1, self._add),
                "remove": (1, self._remove),
                "rest": (1, self._rest),
                "wake": (1, self._wake),
            },
            entropy=entropy,
        )
        specs = specs_of(plan)
        terminal.expect(spec.name for stage in specs for spec in stage)
        self._supervisor = Supervisor(self._children(specs), speech=terminal)

    async def start(self, tasks: asyncio.TaskGroup) -> None:
        """Start everything as tasks of ``tasks`` and return when it is ready."""
        self._tasks = tasks
        await self.links.start(tasks)
        self._control = await self._server.start(tasks)
        await self._supervisor.start(tasks)
        self._ready.set()

    async def stop(self) -> None:
        """Stop everything in good order; the links go last, so that what is said at the end still arrives."""
        await self._server.close()
        await self._supervisor.stop()
        await self.links.close()

    def kill(self) -> None:
        """End every process at once."""
        self._supervisor.kill()

    async def _cut(self, one: str, other: str) -> str:
        return self._with_link(one, other, Link.cut, "is cut")

    async def _hang(self, one: str, other: str) -> str:
        return self._with_link(one, other, Link.hang, "hangs")

    async def _heal(self, one: str, other: str) -> str:
        return self._with_link(one, other, Link.heal, "is healed")

    def _with_link(self, one: str, other: str, change: Callable[[Link], None], done: str) -> str:
        link = self.links.find(one, other)
        change(link)
        self._record()
        return self._told(f"The link {link.plan.name} {done}.")

    async def _add(self, name: str) -> str:
        """Let a region join; nobody else restarts. If it fails before its processes start, it can be asked again."""
        await self._ready.wait()
        before, plan = self.plan, self._joined_by(name)
        await asyncio.to_thread(self._configuration.write, plan)
        for link in plan.links[len(before.links) :]:
            await self.links.add(link, self._tasks)
        await self._reload(before.regions)
        self.plan = plan
        specs = [[spec for spec in stage if spec.region == name] for stage in self._specs_of(plan)]
        self._terminal.expect(spec.name for stage in specs for spec in stage)
        await self._supervisor.join(self._children(specs), self._tasks)
        await self._see_that_all_answer(name, before.regions)
        return self._told(f"{name} is ready: {plan.regions[-1].url}/graphql")

    async def _remove(self, name: str) -> str:
        """Let a region leave; nobody else restarts. Its log stays where it is."""
        await self._ready.wait()
        children = self._children_of(name)
        if len(self.plan.regions) == 1:
            raise Failure(f"{name} is the only region: end `samverka up` instead.")
        before, plan = self.plan, self.plan.left_by(name)
        await self._supervisor.leave(children)
        await asyncio.to_thread(self._configuration.write, plan)
        for link in before.links:
            if link not in plan.links:
                await self.links.remove(link)
        self.plan = plan
        self._record()
        await self._reload(plan.regions)
        return self._told(f"{name} has left. Put {plan.data.region(name).root} away, or the next `up` asks for it.")

    async def _rest(self, name: str) -> str:
        """End the services and the gateway of a region, whose server runs on."""
        await self._supervisor.rest(self._above_the_log(name))
        return self._told(f"{name} rests: only its log runs.")

    async def _wake(self, name: str) -> str:
        await self._supervisor.wake(self._above_the_log(name), self._tasks)
        return self._told(f"{name} is awake.")

    def _above_the_log(self, name: str) -> list[Child]:
        return [child for child in self._children_of(name) if child.spec.service != NATS]

    def _children_of(self, name: str) -> list[Child]:
        """Return the processes of a region; Failure if it does not run here."""
        if name not in self.plan.names:
            raise Failure(f"The region {name} does not run here.")
        return [child for child in self._supervisor.children if child.spec.region == name]

    async def _see_that_all_answer(self, name: str, others: Sequence[RegionPlan]) -> None:
        async def answered() -> bool:
            return await self._configuration.all_answer(self.plan, name)

        if not await answered() and not await reload_until(answered, reload=lambda: self._reload(others)):
            raise Failure(f"{name} runs, but not everybody answers it: `samverka status` shows who is not well.")

    async def _reload(self, regions: Sequence[RegionPlan]) -> None:
        """Have servers read their configuration again; one that does not run reads it when it starts."""
        for region in regions:
            for record in self._records():
                if (record.region, record.service) == (region.region, NATS) and record.state is State.READY:
                    await self._configuration.reload(region, pid=cast("Identity", record.identity).pid)

    def _joined_by(self, name: str) -> NetworkPlan:
        if not is_region(name):
            raise Failure(f"{name!r} is no region.")
        if name in self.plan.names:
            raise Failure(f"{name} runs already.")
        if len(self.plan.regions) >= REGIONS_MAX:
            raise Failure(f"At most {REGIONS_MAX} regions run on one machine.")
        last = self.plan.regions[-1]
        check_gateway_port(name, last.gateway_port + 1)
        replicas = max(map(len, last.replicas.values()))
        region = plan_region(name, gateway_port=last.gateway_port + 1, replicas=replicas, ports=self._ports)
        return self.plan.joined_by(region, ports=self._ports)

    def _children(self, specs: Sequence[Sequence[Spec]]) -> list[list[Child]]:
        return [
            [Child(spec, speech=self._terminal, clock=self._clock, changed=self._record) for spec in stage]
            for stage in specs
        ]

    def _records(self) -> list[ProcessRecord]:
        return [child.record() for child in self._supervisor.children]

    def _record(self) -> None:
        record = RunRecord(
            self._myself,
            issuer_url=self.plan.issuer_url,
            urls={region.region: region.url for region in self.plan.regions},
            processes=self._records(),
            links=[link.record() for link in self.links],
            control=self._control,
        )
        try:
            write_run(self.plan.data, record)
        except Failure as error:  # a full disk must not end what runs
            self._terminal.note(f"What runs cannot be recorded: {error}")

    def _told(self, text: str) -> str:
        """Say on the terminal what the one who asked is told."""
        self._terminal.note(text)
        return text
