"""Check the image and the manifests, or an overlay of one's own.

    python -m deploy.checking
    python -m deploy.checking OVERLAY NETWORK.TOML REGION

Exit codes: 0 all is well, 1 it is not, 2 bad usage.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from deploy.checking.kubectl import NotRendered
from deploy.checking.rendering import render_overlay
from deploy.checking.resources import Unreadable
from deploy.checking.rules.running import ROOT
from deploy.checking.running import faults_of_own_overlay, faults_of_repository
from deploy.checking.schemas import versions
from ops.failure import Failure

_OF_ONES_OWN = 3
_BAD_USAGE = 2


def main(arguments: Sequence[str]) -> int:
    """Print every fault; return the exit code."""
    if len(arguments) not in (0, _OF_ONES_OWN):
        print(__doc__, file=sys.stderr)
        return _BAD_USAGE
    try:
        faults = list(_faults(arguments))
    except (NotRendered, Unreadable, Failure) as error:
        faults = [str(error)]
    for fault in faults:
        print(fault, file=sys.stderr)
    if not faults:
        print(f"All is as it must be, for Kubernetes {' to '.join(versions())}.")
    return 1 if faults else 0


def _faults(arguments: Sequence[str]) -> Iterator[str]:
    if not arguments:
        return faults_of_repository(ROOT)
    folder, description, region = arguments
    return faults_of_own_overlay(render_overlay(Path(folder), Path(description), region=region))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
