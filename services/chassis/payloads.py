"""Every kind of event that this release knows, whichever service makes or applies it.

A service passes over what it has no use for; only a kind that is not here was made by a newer region, and is counted.
"""

from __future__ import annotations

from typing import Final

from samverka.feed.v1 import feed_events_pb2
from samverka.profile.v1 import profile_events_pb2

_FILES: Final = (feed_events_pb2.DESCRIPTOR, profile_events_pb2.DESCRIPTOR)
KNOWN_PAYLOADS: Final = frozenset(
    message.full_name for file in _FILES for message in file.message_types_by_name.values()
)
