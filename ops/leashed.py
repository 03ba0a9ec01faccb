"""Becomes a command that dies with the process that started it: ``python leashed.py PARENT_PID COMMAND…``.

A supervisor that is killed with SIGKILL cannot stop its children; on Linux the kernel does it (prctl(2),
PR_SET_PDEATHSIG; it survives execve). Elsewhere the command runs without a leash, and the next ``samverka up`` on the
same data ends what was left. A small program of its own, because code between fork and exec (``preexec_fn``) may
deadlock where there are threads. It stands on the standard library alone, so that it starts in a few milliseconds.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_EXIT_CANNOT_START = 127  # as a shell says it


def main(arguments: list[str]) -> None:
    """Replace this process by ``arguments[1:]``; exit with 1 if ``arguments[0]`` is no longer the parent."""
    parent_pid, command = int(arguments[0]), arguments[1:]
    if sys.platform == "linux":
        _die_with_parent()
    if os.getppid() != parent_pid:  # it died before the leash was on, and nobody would send the signal any more
        raise SystemExit(1)
    _restore_signals()
    try:
        os.execvp(command[0], command)  # noqa: S606 - a shell is what we do not want
    except OSError as error:
        print(f"{command[0]} cannot be started: {error.strerror}", file=sys.stderr)
        raise SystemExit(_EXIT_CANNOT_START) from None


def _die_with_parent() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def _restore_signals() -> None:
    """Python ignores these at its start, and what is ignored stays ignored across execve."""
    for name in ("SIGPIPE", "SIGXFSZ"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)


if __name__ == "__main__":
    main(sys.argv[1:])
