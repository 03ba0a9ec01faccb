"""One process of a service: its three ports, its background tasks, and an end that loses no call.

The main port serves the service itself, the health port grpc.health.v1, the admin port reflection, channelz and what an
operator asks. On SIGTERM or SIGINT readiness goes off, streams are ended, running calls get DRAIN_SECONDS, and only then
do the tasks stop: a command waits for the projection that one of them keeps. A task that fails ends the process with 1.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

import grpc
from grpc_channelz.v1 import channelz_pb2_grpc
from grpc_channelz.v1._async import ChannelzServicer  # the package's own name for it is hidden from type checkers
from grpc_health.v1 import health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from services.chassis import limits
from services.chassis.channels import KEEPALIVE_SECONDS, METADATA_BYTES_MAX
from services.chassis.clock import Clock, SystemClock
from services.chassis.health import HealthServicer
from services.chassis.interceptors import CallInterceptor, TokenVerifier, WaitApplied
from services.chassis.settings import ListenFault, ServiceSettings, variable
from services.chassis.telemetry import Telemetry

CALLS_MAX = limits.WATCHERS_MAX + 2 * limits.COMMANDS_WAITING_MAX
SIDE_CALLS_MAX = 100
"""Calls at once on the health port and on the admin port."""
_EXIT_FAILED = 1
_COLLECT_AFTER_OBJECTS = 20_000
_COLLECT_OLDER_AFTER = (20, 20)
"""Collections of the youngest after which the next older generation is looked at, and of that one the oldest."""
_SIGNALS = (signal.SIGTERM, signal.SIGINT)

AddServicer = Callable[[Any, Any], None]
"""A generated ``add_…Servicer_to_server``."""
Task = Callable[[], Coroutine[Any, Any, None]]

_log = logging.getLogger(__name__)


class TaskFailed(Exception):
    """A background task has failed; the text says how."""


class Server:
    """The servers and tasks of one process. Either ``serve``, or ``start`` and ``stop``."""

    def __init__(
        self,
        *,
        settings: ServiceSettings,
        telemetry: Telemetry,
        servicers: Sequence[tuple[AddServicer, object]],
        service_names: Sequence[str],
        verifier: TokenVerifier,
        ready: Callable[[], bool],
        tasks: Sequence[Task] = (),
        admin_servicers: Sequence[tuple[AddServicer, object]] = (),
        wait_applied: WaitApplied | None = None,
        lag_events: Callable[[], int] | None = None,
        clock: Clock | None = None,
        drain_seconds: float = limits.DRAIN_SECONDS,
    ) -> None:
        """``service_names`` are the full names that reflection tells; ``tasks`` run until the process ends."""
        self._settings = settings
        self._servicers = servicers
        self._admin_servicers = admin_servicers
        self._service_names = service_names
        self._tasks = tasks
        self._drain_seconds = drain_seconds
        self._health = HealthServicer(ready=ready)
        self._interceptor = CallInterceptor(
            telemetry=telemetry,
            verifier=verifier,
            clock=clock or SystemClock(),
            wait_applied=wait_applied,
            lag_events=lag_events,
        )
        self._running: list[grpc.aio.Server] = []
        self._work: asyncio.Task[None] | None = None
        self._stop_asked = asyncio.Event()
        self.grpc_port = 0
        self.health_port = 0
        self.admin_port = 0

    async def serve(self) -> None:
        """Serve until SIGTERM, SIGINT, ``ask_to_stop`` or the end of a task by an error, which is raised as TaskFailed."""
        self._listen_to_signals()
        try:
            work = await self.start()
            asked = asyncio.create_task(self._stop_asked.wait(), name="stop-asked")
            await asyncio.wait((work, asked), return_when=asyncio.FIRST_COMPLETED)
            asked.cancel()
        finally:
            await self.stop()
            self._forget_signals()
        _raise_failure(work)

    def ask_to_stop(self) -> None:
        """Make ``serve`` drain and return."""
        self._stop_asked.set()

    async def start(self) -> asyncio.Task[None]:
        """Listen and run the tasks; return what runs them: it ends only when one of them fails.

        Raises ListenFault if an address cannot be had.
        """
        try:
            self.health_port = await self._start_health()
            self.admin_port = await self._start_admin()
            self.grpc_port = await self._start_main()
        except BaseException:
            await self._stop_servers(grace_seconds=None)
            raise
        self._work = asyncio.create_task(self._run_tasks(), name="tasks")
        _log.info("listening", extra={"grpc": self.grpc_port, "health": self.health_port, "admin": self.admin_port})
        return self._work

    async def stop(self) -> None:
        """Drain, then stop the tasks and the servers; a second call does nothing."""
        self._health.drain()
        self._interceptor.drain()
        if self._running:
            main = self._running.pop()
            await main.stop(self._drain_seconds)
        if self._work is not None:
            self._work.cancel()
            await asyncio.wait((self._work,))
        await self._stop_servers(grace_seconds=None)

    async def _start_main(self) -> int:
        server = grpc.aio.server(
            interceptors=(self._interceptor,), options=server_options(), maximum_concurrent_rpcs=CALLS_MAX
        )
        return await self._start(server, self._servicers, "grpc_listen")

    async def _start_health(self) -> int:
        server = grpc.aio.server(options=server_options(), maximum_concurrent_rpcs=SIDE_CALLS_MAX)
        return await self._start(
            server, [(health_pb2_grpc.add_HealthServicer_to_server, self._health)], "health_listen"
        )

    async def _start_admin(self) -> int:
        server = grpc.aio.server(options=server_options(), maximum_concurrent_rpcs=SIDE_CALLS_MAX)
        reflection.enable_server_reflection((*self._service_names, reflection.SERVICE_NAME), server)
        channelz_pb2_grpc.add_ChannelzServicer_to_server(ChannelzServicer(), server)
        return await self._start(server, self._admin_servicers, "admin_listen")

    async def _start(self, server: grpc.aio.Server, servicers: Sequence[tuple[AddServicer, object]], name: str) -> int:
        for add, servicer in servicers:
            add(servicer, server)
        address: str = getattr(self._settings, name)
        try:
            port = server.add_insecure_port(address)
        except RuntimeError as error:
            raise ListenFault(variable(name), address) from error
        await server.start()
        self._running.append(server)
        return port

    async def _stop_servers(self, *, grace_seconds: float | None) -> None:
        while self._running:
            await self._running.pop().stop(grace_seconds)

    async def _run_tasks(self) -> None:
        async with asyncio.TaskGroup() as group:
            for task in self._tasks:
                group.create_task(task(), name=getattr(task, "__qualname__", repr(task)))
            await asyncio.get_running_loop().create_future()  # for ever, or until one fails or all are cancelled

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            with suppress(NotImplementedError):  # Windows has none: there Ctrl-C ends the process without a drain
                loop.add_signal_handler(number, self.ask_to_stop)

    def _forget_signals(self) -> None:
        for number in _SIGNALS:
            with suppress(NotImplementedError):
                asyncio.get_running_loop().remove_signal_handler(number)


def server_options() -> list[tuple[str, Any]]:
    """Return the options of every gRPC server here."""
    return [
        ("grpc.so_reuseport", 0),  # with it, a second process on the same port would take half of the calls in silence
        ("grpc.max_receive_message_length", limits.REQUEST_BYTES_MAX),
        ("grpc.max_send_message_length", limits.RESPONSE_BYTES_MAX),
        ("grpc.max_metadata_size", METADATA_BYTES_MAX),
        ("grpc.absolute_max_metadata_size", METADATA_BYTES_MAX),
        # Clients come back through the resolver, and so find replicas that are new.
        ("grpc.max_connection_age_ms", limits.CONNECTION_AGE_SECONDS * 1000),
        ("grpc.max_connection_age_grace_ms", limits.CONNECTION_AGE_GRACE_SECONDS * 1000),
        ("grpc.keepalive_time_ms", KEEPALIVE_SECONDS * 1000),
        ("grpc.http2.min_ping_interval_without_data_ms", KEEPALIVE_SECONDS * 500),
        ("grpc.enable_channelz", 1),
    ]


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run ``main`` to its end, on uvloop where there is one; exit 1 with a line in the log or on stderr if it fails."""
    _spare_garbage_collection()
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(main)
    except ListenFault as fault:
        print(fault, file=sys.stderr)
        raise SystemExit(_EXIT_FAILED) from None
    except TaskFailed:
        raise SystemExit(_EXIT_FAILED) from None
    except Exception:
        _log.exception("the process ends: it failed")
        raise SystemExit(_EXIT_FAILED) from None


def _spare_garbage_collection() -> None:
    """Keep the collector off what was imported, and look for cycles after some requests instead of in the midst of each.

    A page is hundreds of objects that are freed by their count alone; by default every seven hundredth made starts a look.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER_OBJECTS, *_COLLECT_OLDER_AFTER)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # Windows
        return None
    return uvloop.new_event_loop


def _raise_failure(work: asyncio.Task[None]) -> None:
    if work.cancelled():
        return
    failure = work.exception()
    if failure is not None:
        _log.error("the process ends: a background task failed", exc_info=failure)
        raise TaskFailed(str(failure)) from failure
