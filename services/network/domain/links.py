"""What is known of the link to a peer, and when its source is started anew.

A source that is well hears from its peer every second, also where nothing is written. After a cut the server tries
again by itself, but only after some while; kicked, it starts at once. A kick is only worth it when the peer can be
reached, and may not be repeated at once: it takes a moment to work, and several replicas look at the same source.
"""

from __future__ import annotations

from dataclasses import dataclass

STALLED_SECONDS = 2.5
"""A source that has not heard from its peer for so long gets nothing by itself: two of its heartbeats were missed."""
KICK_AGAIN_SECONDS_MIN = 2.0
KICK_AGAIN_SECONDS_MAX = 15.0


@dataclass(frozen=True, slots=True)
class Link:
    """What is known of a link: ``connected`` now, last heard at ``last_contact_ms`` since 1970 (0: never).

    ``held`` is the last of the peer's events that is in the log, ``behind`` how many are to come as far as known,
    ``peers_last`` where the peer's own log ended when it was last asked.
    """

    connected: bool = False
    last_contact_ms: int = 0
    held: int = 0
    behind: int = 0
    peers_last: int | None = None


class KickTimer:
    """When a stalled source may be kicked: at once, then with growing pauses until it has recovered."""

    def __init__(self) -> None:
        self._pause_seconds = KICK_AGAIN_SECONDS_MIN
        self._not_before_seconds = 0.0

    def may_kick(self, now_seconds: float) -> bool:
        return now_seconds >= self._not_before_seconds

    def wait(self, now_seconds: float) -> None:
        """Somebody has just started the source: give it time."""
        self._not_before_seconds = now_seconds + KICK_AGAIN_SECONDS_MIN

    def kicked(self, now_seconds: float) -> None:
        self._not_before_seconds = now_seconds + self._pause_seconds
        self._pause_seconds = min(2 * self._pause_seconds, KICK_AGAIN_SECONDS_MAX)

    def recovered(self) -> None:
        self._pause_seconds = KICK_AGAIN_SECONDS_MIN
        self._not_before_seconds = 0.0


def is_stalled(silent_seconds: float | None) -> bool:
    """Whether a source gets nothing by itself; None: it has heard nothing yet."""
    return silent_seconds is None or silent_seconds > STALLED_SECONDS
