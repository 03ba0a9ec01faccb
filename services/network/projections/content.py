"""How far the region's log holds content: what people wrote, whichever region they are of.

The network's own events are none: a report about reports would be answered with another, for ever.
"""

from __future__ import annotations

from typing import Any, Final

from services.chassis.envelope import Fact
from services.chassis.payloads import CONTENT_KINDS
from services.chassis.projection import Handlers
from services.chassis.store import Connection


def note_content(db: Connection, fact: Fact[Any]) -> None:
    db.execute("update content set sequence = ?", (fact.sequence,))


HANDLERS: Final[Handlers] = dict.fromkeys(CONTENT_KINDS, note_content)
