"""``samverka up`` with stand-ins for the issuer, the services and the gateway, and the real nats-server.

small_network.py DATA PORT [REGIONS]
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from ops import up
from ops.dirs import DataDir
from ops.failure import Failure
from ops.output import Output
from ops.plan import NetworkPlan
from ops.probes import HttpProbe
from ops.processes import NATS, stages
from ops.supervisor import Spec

_STANDIN = Path(__file__).with_name("standin.py")


def small_network(plan: NetworkPlan, *, nats_program: str, environment: Mapping[str, str]) -> Sequence[Sequence[Spec]]:
    """Return the real plan with a stand-in for everything but nats-server."""
    real = stages(plan, nats_program=nats_program, environment=environment)
    return [[spec if spec.service == NATS else _stand_in(spec) for spec in stage] for stage in real]


def _stand_in(spec: Spec) -> Spec:
    address = spec.addresses.get("health") or spec.addresses["http"]
    command = (sys.executable, "-I", "-S", str(_STANDIN), address.rpartition(":")[2])
    return replace(spec, command=command, probe=HttpProbe(url=f"http://{address}/"))


def main() -> None:
    regions = sys.argv[3].split(",") if len(sys.argv) > 3 else ["stockholm"]
    request = up.UpRequest(data=DataDir.at(Path(sys.argv[1])), regions=regions, port=int(sys.argv[2]), replicas=1)
    try:
        up.run(
            request,
            output=lambda names: Output(Console(highlight=False), names),
            environment=os.environ,
            after_ready=up.show_nothing,
            network=small_network,
        )
    except Failure as failure:
        sys.exit(f"samverka: {failure}")


if __name__ == "__main__":
    main()
