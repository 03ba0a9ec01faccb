"""Applying a batch of the log in one transaction: each entry is trusted or not, opened, and given to its handler."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from google.protobuf.message import DecodeError

from samverka.event.v1.event_pb2 import Event
from samverka.network.v1.network_events_pb2 import ErasureOrdered, PersonForgotten
from services.chassis import erasing, receipts, telemetry, traceparents, trust
from services.chassis.clock import HybridClock, physical_ms
from services.chassis.envelope import Fact, at_ms, open_event, payload_name
from services.chassis.eventlog.port import Entry
from services.chassis.eventlog.subjects import Subject, parse_subject
from services.chassis.ids import region_of
from services.chassis.origins import Reached
from services.chassis.payloads import KNOWN_PAYLOADS
from services.chassis.projection.definition import Handlers, Projection, Refused
from services.chassis.projection.progress import Progress, read_progress, write_progress
from services.chassis.store import Connection


class Applying:
    """Applies entries to the tables of one projection; ``apply`` runs in the writer's thread."""

    def __init__(self, *, projection: Projection, region: str, hlc: HybridClock) -> None:
        self.receipts_horizon = 0
        self._projection = projection
        self._region = region
        self._hlc = hlc
        handlers: Handlers = {
            **projection.handlers,
            ErasureOrdered: self._apply_erasure,
            PersonForgotten: self._apply_forgotten,
        }
        self._handlers = {kind.DESCRIPTOR.full_name: (kind, handler) for kind, handler in handlers.items()}
        self._known = KNOWN_PAYLOADS | self._handlers.keys()
        self._erased: set[str] = set()

    def load(self, db: Connection) -> None:
        """Read who is erased; call it once, before anything else."""
        self._erased = erasing.read_erased(db)

    def apply(self, db: Connection, entries: Sequence[Entry]) -> Progress:
        """Apply entries, of which the store may have some, and return how far that came."""
        progress = read_progress(db)
        progress.receipts.from_hour = max(progress.receipts.from_hour, self.receipts_horizon)
        for entry in entries:
            if entry.sequence > progress.sequence:
                self._apply_entry(db, entry, progress)
                progress.sequence = entry.sequence
        write_progress(db, progress)
        return progress

    def _apply_entry(self, db: Connection, entry: Entry, progress: Progress) -> None:
        event, subject = open_event(entry.data), parse_subject(entry.subject)
        origin = trust.origin_of(entry, subject, region=self._region)
        if origin and subject is not None and subject.reach == "pub":  # the rest is not there to be compared elsewhere
            written_ms = physical_ms(event.occurred_at) if event is not None else 0
            progress.met[origin] = Reached(entry.origin_sequence, written_ms, entry.message_id)
        if subject is not None and subject.owner in self._erased:
            erasing.note_late(db, subject.owner, entry.sequence)
        if origin and entry.source is not None and entry.again is not None and self._region in entry.again.held_by:
            return  # it had its effect under an earlier sequence, which its origin lost since
        reason = trust.distrust(event, subject, origin=origin, region=self._region, known=self._known)
        if event is not None and subject is not None and not reason:
            reason = self._apply_event(db, entry, event, subject, progress)
        if reason:
            progress.refused += 1
            trust.refuse(db, entry, event, reason, sender=trust.sender_of(entry, origin))

    def _apply_event(self, db: Connection, entry: Entry, event: Event, subject: Subject, progress: Progress) -> str:
        """Apply an event that is its origin's to write, and return why it has no right to an effect; empty if it has."""
        if subject.owner in self._erased or self._is_word_of_the_erased(event):
            return "erased"
        if event.origin == self._region:
            receipts.keep_receipt(db, event, progress.receipts)
            self._hlc.restore(event.occurred_at)  # however far our clock was set back: by it, receipts would be too old
        else:
            self._hlc.observe(event.occurred_at)
        name = payload_name(event)
        kind, handler = self._handlers.get(name, (None, None))
        if kind is None or handler is None:
            progress.skipped += name not in self._known
            return ""
        try:
            payload = kind.FromString(event.payload.value)
        except DecodeError:
            return "payload"
        fact = Fact(
            sequence=entry.sequence,
            origin_sequence=entry.first_sequence,
            id=event.id,
            origin=event.origin,
            actor=event.actor,
            at_ms=at_ms(event),
            payload=payload,
            owner=subject.owner,
            local=subject.reach == "local",
        )
        try:
            if traceparents.is_sampled(event.traceparent):
                with telemetry.span(f"apply {kind.DESCRIPTOR.name}", traceparent=event.traceparent):
                    handler(db, fact)
            else:
                handler(db, fact)
        except Refused:
            return "rule"
        progress.facts.append(fact)
        return ""

    def _is_word_of_the_erased(self, event: Event) -> bool:
        """Whether somebody decides here who is erased: in the log that has the order, for there it stands before or behind
        in every region alike. What another region decided in their name is that region's, and it may have been earlier.
        """
        return event.actor in self._erased and region_of(event.actor) == event.origin

    def _apply_erasure(self, db: Connection, fact: Fact[ErasureOrdered]) -> None:
        if not erasing.apply_erasure(db, fact, self._projection.erase):
            raise Refused
        self._erased.add(fact.payload.person_id)
        self._pass_on(db, fact)

    def _apply_forgotten(self, db: Connection, fact: Fact[PersonForgotten]) -> None:
        if not erasing.apply_forgotten(db, fact, service=self._projection.service):
            raise Refused
        self._pass_on(db, fact)

    def _pass_on(self, db: Connection, fact: Fact[Any]) -> None:
        """Give the service what the chassis has applied, if it has a use for it too."""
        handler = self._projection.handlers.get(type(fact.payload))
        if handler is not None:
            handler(db, fact)
