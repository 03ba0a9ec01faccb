"""A real nats-server for tests: on a port of its own, killed and brought back at will, gone when the test is over.

Its port is none that the system hands out to outgoing connections: while it is away, whoever dials it again and again would
be given that very port in the end, and the server could not come back.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from random import SystemRandom

import psutil

from ops.ports import FreePorts

LOOPBACK = "127.0.0.1"
_START_SECONDS_MAX = 60.0
_STOP_SECONDS_MAX = 10.0
_LOOK_SECONDS = 0.01
_CONFIGURATION = """\
server_name: {domain}
listen: {listen}
max_payload: 1048576
jetstream {{
  domain: {domain}
  store_dir: {store}
  sync_interval: always
  max_memory_store: 67108864
  max_file_store: 4294967296
}}
{more}"""


class NatsServer:
    """A nats-server with JetStream in ``directory``; it keeps its port and its store through every restart.

    ``more`` is put behind what every server's configuration says here.
    """

    def __init__(self, directory: Path, *, domain: str = "test", more: str = "") -> None:
        self._ports = FreePorts(chance=SystemRandom())
        self.port = self._ports.take()
        self._directory = directory
        self._domain = domain
        self._more = more
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"nats://{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None, "the server does not run"
        return self._process.pid

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        assert self._process is None, "the server runs already"
        self._directory.mkdir(parents=True, exist_ok=True)
        configuration = self._directory / "nats.conf"
        configuration.write_text(
            _CONFIGURATION.format(
                listen=json.dumps(f"{LOOPBACK}:{self.port}"),
                store=json.dumps(str(self._directory / "store")),
                domain=self._domain,
                more=self._more,
            )
        )
        with (self._directory / "nats.log").open("ab") as log:
            self._process = subprocess.Popen(
                [find_program(), "--config", str(configuration)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                close_fds=True,
            )
        try:
            self._wait_ready()
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        """End it as a power cut would: nothing is told, nothing is flushed."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in good order, if it runs."""
        self._end(signal.SIGTERM)

    def freeze(self) -> None:
        """Let it be silent, its connections open, until ``thaw``."""
        freeze(psutil.Process(self.pid))

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        process, self._process = self._process, None
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, number)
            os.kill(process.pid, signal.SIGCONT)  # one that is frozen would not hear it
        try:
            process.wait(_STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS_MAX
        while not self._answers():
            assert self._process is not None
            ended = self._process.poll()
            assert ended is None, f"nats-server ended with {ended}: {self._log_text()}"
            assert time.monotonic() < deadline, f"nats-server was not ready in time: {self._log_text()}"
            time.sleep(_LOOK_SECONDS)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, self.port), timeout=1) as line:
            return line.recv(4) == b"INFO"
        return False

    def _log_text(self) -> str:
        return (self._directory / "nats.log").read_text(errors="replace")


def freeze(process: psutil.Process) -> None:
    """Stop a process until it is resumed; it does nothing more when this returns."""
    process.suspend()
    while process.status() != psutil.STATUS_STOPPED:
        time.sleep(_LOOK_SECONDS)


def find_program() -> str:
    """Return the nats-server of this environment, or one on PATH."""
    places = os.pathsep.join({sysconfig.get_path("scripts"), str(Path(sys.executable).parent)})
    program = shutil.which("nats-server", path=places) or shutil.which("nats-server")
    assert program is not None, "there is no nats-server; `make setup` brings one"
    return program
