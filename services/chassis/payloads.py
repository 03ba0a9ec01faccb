"""Every kind of event that this release knows, whichever service makes or applies it.

A service passes over what it has no use for; only a kind that is not here was made by a newer region, and is counted.
"""

from __future__ import annotations

from typing import Final

from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from samverka.event.v1.event_pb2 import decision
from samverka.feed.v1 import feed_events_pb2
from samverka.network.v1 import network_events_pb2
from samverka.profile.v1 import profile_events_pb2
from samverka.recognition.v1 import recognition_events_pb2

_MESSAGES: Final = tuple(
    message
    for file in (feed_events_pb2, network_events_pb2, profile_events_pb2, recognition_events_pb2)
    for message in file.DESCRIPTOR.message_types_by_name.values()
)
KNOWN_PAYLOADS: Final = frozenset(message.full_name for message in _MESSAGES)
DECISIONS: Final = frozenset(message.full_name for message in _MESSAGES if message.GetOptions().Extensions[decision])
"""Those that the home of their register's owner decides, whoever acts: the option ``decision`` of event.proto."""
CONTENT_KINDS: Final[tuple[type[Message], ...]] = tuple(
    GetMessageClass(message) for message in _MESSAGES if message.file.package != network_events_pb2.DESCRIPTOR.package
)
"""What people's doings make; the rest is what regions tell each other about it."""
