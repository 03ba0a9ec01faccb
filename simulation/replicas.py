"""One replica of a service: the real runner, decider and rpc, in a process that can be killed at any moment."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random
from typing import Any

from google.protobuf.message import Message

from services.chassis.auth import Caller
from services.chassis.auth.caller import with_caller
from services.chassis.clock import HybridClock
from services.chassis.deciding import Decider
from services.chassis.errors import Unavailable
from services.chassis.eventlog.memory import MemoryLog
from services.chassis.forgetting import forgetting_policy
from services.chassis.ids import Ids
from services.chassis.projection import Projection, ProjectionRunner
from services.chassis.store import Store
from services.network.membership import Membership
from simulation.access import ShakyAccess
from simulation.clocks import SkewedClock
from simulation.files import KeptFile
from simulation.keeping import LogKeeper
from simulation.parts import METER, Base, Running, Service


class Replica:
    """Answers calls while it is up; what it keeps is its file."""

    def __init__(
        self,
        *,
        service: Service,
        region: str,
        log: MemoryLog,
        clock: SkewedClock,
        membership: Membership,
        folder: Path,
        chance: Random,
    ) -> None:
        self.projection: Projection = service.projection()
        self._service = service
        self._region = region
        self._log = ShakyAccess(log, chance)
        self._keeper = LogKeeper(log, chance)
        self._membership = membership
        self._clock = clock
        self._folder = folder
        self._chance = chance
        self._file: KeptFile | None = None
        self._runner: ProjectionRunner | None = None
        self._running = Running(rpc=None)
        self._tasks: dict[asyncio.Task[Any], None] = {}  # in the order of their making, which a set would not keep

    @property
    def up(self) -> bool:
        return self._runner is not None

    @property
    def runner(self) -> ProjectionRunner:
        if self._runner is None:
            raise Unavailable("The replica is down.")
        return self._runner

    @property
    def is_pending(self) -> bool:
        """Whether something is left to be done by its policies."""
        return self._running.is_pending()

    @property
    def store(self) -> Store:
        return self.runner.store

    async def start(self, tasks: asyncio.TaskGroup) -> None:
        """Begin where the file stands."""
        hlc = HybridClock(self._clock)
        runner = ProjectionRunner(
            projection=self.projection, region=self._region, log=self._log, data_dir=self._folder, hlc=hlc
        )
        self._file = self._file or KeptFile(runner.store.path)
        await runner.load()
        decider = Decider(
            service=self.projection.service,
            region=self._region,
            log=self._log,
            runner=runner,
            ids=Ids(self._region, self._clock, self._chance.randbytes),
            hlc=hlc,
        )
        self._running = self._service.run(
            Base(
                region=self._region,
                decider=decider,
                runner=runner,
                log=self._log,
                clock=self._clock,
                keeper=self._keeper,
                membership=self._membership,
                entropy=self._chance.randbytes,
            )
        )
        self._runner = runner
        forgetting = forgetting_policy(runner=runner, decider=decider, clock=self._clock, meter=METER)
        runner.listeners.append(forgetting.note)
        for run in (runner.run, forgetting.run, *self._running.tasks):
            self._watch(tasks.create_task(run()))

    async def kill(self) -> None:
        """End everything it does, wherever that stands."""
        runner, self._runner = self.runner, None
        running = list(self._tasks)
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)
        await runner.store.close()

    @property
    def file(self) -> KeptFile:
        """What is left of it when it is killed."""
        if self._file is None:
            raise Unavailable("The replica has never been up.")
        return self._file

    async def call(self, method: str, request: Message, caller: Caller) -> Any:
        """Return what the service answers; raises SamverkaError, Unavailable too if it is killed meanwhile."""
        if not self.up:
            raise Unavailable("The replica is down.")
        task = asyncio.create_task(self._answer(method, request, caller))
        self._watch(task)
        await asyncio.wait((task,))
        if task.cancelled():
            raise Unavailable("The replica was killed.")
        return task.result()

    async def ask(self, method: str, request: Message, caller: Caller) -> Any:
        """Return the answer to a question at once, of a replica that nobody kills now; raises SamverkaError."""
        return await self._answer(method, request, caller)

    async def _answer(self, method: str, request: Message, caller: Caller) -> Any:
        with with_caller(caller):
            return await getattr(self._running.rpc, method)(request, None)

    def _watch(self, task: asyncio.Task[Any]) -> None:
        self._tasks[task] = None
        task.add_done_callback(lambda done: self._tasks.pop(done, None))
