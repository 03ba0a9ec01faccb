"""What an operator must know of: each alarm has a runbook in ``docs/runbooks/``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from services.network.domain.links import Link

SILENT_SECONDS_MAX = 60
SKEW_SECONDS_MAX = 60
REFUSED_HOLDS_SECONDS = 3_600
"""How long the alarm stands after the last refusal."""

LOST_TAIL, LINK_SILENT, CLOCK_AHEAD, EVENTS_REFUSED = "lost_tail", "link_silent", "clock_ahead", "events_refused"
CODES = (LOST_TAIL, LINK_SILENT, CLOCK_AHEAD, EVENTS_REFUSED)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that is wrong with ``region``, seen from here."""

    code: str
    region: str
    message: str


@dataclass(frozen=True, slots=True)
class PeerFacts:
    """What the alarms about a peer follow from.

    ``watched_since_ms``: when this process began to look; ``lost_tail`` holds until the peer has mended its log;
    ``ahead_ms``: how far the time of its last report was ahead of our clock; ``refused_at_ms``: when the last event of
    it that was refused came into our log, 0: none was.
    """

    region: str
    link: Link
    watched_since_ms: int
    lost_tail: bool
    ahead_ms: int
    refused_at_ms: int


def has_lost_tail(link: Link) -> bool:
    """Whether more of the peer's events are held here than the peer has itself."""
    return link.peers_last is not None and link.held > link.peers_last


def alarms(peers: Iterable[PeerFacts], *, now_ms: int) -> list[Alarm]:
    """Return the alarms about peers that stand now."""
    return [alarm for peer in peers for alarm in _alarms_about(peer, now_ms)]


def alarms_about_ourselves(region: str, *, missed_by: Iterable[str]) -> list[Alarm]:
    """Return the alarms about ``region`` itself.

    ``missed_by`` are the peers that hold more of it than there is, or itself, which saw that they hold other entries.
    """
    finders = sorted(missed_by)
    if not finders:
        return []
    peers = ", ".join(finder for finder in finders if finder != region)
    found = f"{peers} held more of it" if peers else "its peers hold other entries under its numbers"
    return [Alarm(LOST_TAIL, region, f"{region} lost the end of its log: {found}.")]


def _alarms_about(peer: PeerFacts, now_ms: int) -> Iterator[Alarm]:
    name = peer.region
    if peer.lost_tail:
        yield Alarm(LOST_TAIL, name, f"{name} lost the end of its log: more of it is held here than it has itself.")
    silent_seconds = (now_ms - max(peer.link.last_contact_ms, peer.watched_since_ms)) // 1000
    if not peer.link.connected and silent_seconds > SILENT_SECONDS_MAX:
        yield Alarm(LINK_SILENT, name, f"Nothing was heard from {name} for {silent_seconds} s.")
    if peer.ahead_ms > SKEW_SECONDS_MAX * 1000:
        yield Alarm(CLOCK_AHEAD, name, f"The clock of {name} is {peer.ahead_ms // 1000} s ahead of ours.")
    if peer.refused_at_ms and now_ms - peer.refused_at_ms <= REFUSED_HOLDS_SECONDS * 1000:
        yield Alarm(EVENTS_REFUSED, name, f"Events from {name} were refused.")
