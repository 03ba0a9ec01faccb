"""Check the image and the manifests: ``python -m deploy.checking``. Exit codes: 0 all is well, 1 it is not."""

from __future__ import annotations

import sys

from deploy.checking.kubectl import NotRendered
from deploy.checking.resources import Unreadable
from deploy.checking.rules.running import ROOT
from deploy.checking.running import faults_of_repository
from deploy.checking.schemas import versions
from ops.failure import Failure


def main() -> int:
    """Print every fault; return the exit code."""
    try:
        faults = list(faults_of_repository(ROOT))
    except (NotRendered, Unreadable, Failure) as error:
        faults = [str(error)]
    for fault in faults:
        print(fault, file=sys.stderr)
    if not faults:
        print(f"The manifests and the image are as they must be, for Kubernetes {' to '.join(versions())}.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
