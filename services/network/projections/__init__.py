"""The network's tables: how far each region says that it has come, lost tails, and the erasures with their receipts."""

from __future__ import annotations

from importlib.resources import files

from services.chassis.origins import Register
from services.chassis.projection import Projection
from services.network.projections import content, erasures, reports, tails

VERSION = 3
REGISTERS = (
    Register("reports", owner="region", key="region", values="at_ms, applied"),
    Register("report_positions", owner="region", key="region, origin", values="position"),
    Register("lost_tails", owner="region", key="region, peer", values="held"),
    Register("mended_logs", owner="region", key="region", values="through"),
    Register("erasures", owner="person", key="person", values="id, ordered_at_ms"),
    Register("erasure_receipts", owner="region", key="erasure_id, region", values="at_ms, purged_events"),
)


def network_projection() -> Projection:
    """Return the projection of the network service."""
    schema = (files("services.network") / "schema.sql").read_text()
    handlers = {**content.HANDLERS, **reports.HANDLERS, **tails.HANDLERS, **erasures.HANDLERS}
    return Projection("network", VERSION, schema, handlers, REGISTERS)
