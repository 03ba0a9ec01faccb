"""The list of known payloads is the list of events in the protocols."""

from __future__ import annotations

import re
from pathlib import Path

from services.chassis.payloads import KNOWN_PAYLOADS

PROTOCOLS = Path(__file__).parents[2] / "proto" / "samverka"


def test_every_event_of_every_protocol_is_known() -> None:
    declared = set()
    for file in PROTOCOLS.rglob("*_events.proto"):
        text = file.read_text()
        package = re.search(r"^package ([\w.]+);", text, re.MULTILINE)
        assert package is not None
        declared |= {f"{package[1]}.{name}" for name in re.findall(r"^message (\w+)", text, re.MULTILINE)}

    assert declared == KNOWN_PAYLOADS
    assert "samverka.feed.v1.PostPublished" in declared
