"""Facts about a command that dies with its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from ops import leashed
from tests.ops.networks import still_running

LEASHED = str(Path(leashed.__file__))
SLEEP = [sys.executable, "-I", "-S", "-c", "import time; print('up', flush=True); time.sleep(600)"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has PR_SET_PDEATHSIG")
def test_it_dies_when_its_parent_is_killed() -> None:
    parent_program = (
        "import os, subprocess, sys;"
        f"child = subprocess.Popen([sys.executable, {LEASHED!r}, str(os.getpid()), *{SLEEP!r}]);"
        "print(child.pid, flush=True);"
        "child.wait()"
    )
    with subprocess.Popen([sys.executable, "-c", parent_program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        assert parent.stdout.readline() == "up\n"
        parent.kill()
    assert still_running([child]) == []


def test_it_does_not_start_for_a_parent_that_is_gone() -> None:
    command = [sys.executable, LEASHED, str(os.getpid() + 1), sys.executable, "-c", "print('ran')"]
    finished = subprocess.run(command, capture_output=True, text=True)
    assert (finished.returncode, finished.stdout) == (1, "")


def test_it_becomes_the_command() -> None:
    command = [sys.executable, LEASHED, str(os.getpid()), sys.executable, "-c", "import os; print(os.getpid())"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert int(process.stdout.read()) == process.pid


@pytest.mark.skipif(not Path("/bin/sh").exists(), reason="a program that heeds SIGPIPE is needed")
def test_the_command_heeds_a_closed_pipe() -> None:
    command = [sys.executable, LEASHED, str(os.getpid()), "/bin/sh", "-c", "kill -PIPE $$; exit 0"]
    assert subprocess.run(command).returncode == -signal.SIGPIPE
