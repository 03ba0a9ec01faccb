"""What the regions must have told each other: how far each has come, and that every erasure is done everywhere."""

from __future__ import annotations

from collections.abc import Collection

from simulation.reference.tables import Tables


def tables(erased: Collection[str], regions: Collection[str], services: Collection[str]) -> Tables:
    return {
        "network.erasures": ("select person from erasures", {(person,) for person in erased}),
        "network.erasure_receipts": (
            "select person, region from erasure_receipts left join erasures on erasures.id = erasure_id",
            {(person, region) for person in erased for region in regions},
        ),
        "network.erasure_holders": (
            "select person, holder from erasure_holders",
            {(person, holder) for person in erased for holder in ("log", *services)},
        ),
        "network.reports": ("select region from reports", {(region,) for region in regions}),
        "network.report_positions": (
            "select region, origin from report_positions",
            {(region, origin) for region in regions for origin in regions},
        ),
        "feed.peer_positions": (
            "select distinct region, origin from peer_positions",
            {(region, origin) for region in regions for origin in regions if origin != region},
        ),
    }
