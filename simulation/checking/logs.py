"""Every log holds what each origin's own log holds of public entries: all of it, once, in its order, and no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from services.chassis.envelope import open_event
from services.chassis.eventlog.port import Entry
from simulation.calling import personal
from simulation.checking.comparing import some
from simulation.lines import FORGED
from simulation.reference import Reference
from simulation.trace import Violation

Logs = Mapping[str, Sequence[Entry]]


def check_logs(logs: Logs, reference: Reference) -> None:
    """Compare the logs, and look that nothing of the erased is in any of them.

    What was forged about the erased, in another's name, is nobody's to purge.
    """
    for origin, entries in logs.items():
        _check_once(origin, entries)
        own = [entry for entry in entries if entry.source is None and (is_public(entry) or is_forged(entry))]
        sent = _ids(own, reference)
        for name, log in logs.items():
            if name != origin:
                _check_carried(name, origin, sent, _ids(log, reference))
    for name, log in logs.items():
        _check_erased(name, log, reference)


def is_public(entry: Entry) -> bool:
    return ".local." not in entry.subject


def owner_of(entry: Entry) -> str:
    return entry.subject.rpartition(".")[2]


def is_forged(entry: Entry) -> bool:
    return FORGED in entry.message_id


def _check_once(origin: str, entries: Sequence[Entry]) -> None:
    keys: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        event = open_event(entry.data)
        if event is not None and event.idempotency_key:
            keys[event.actor, event.idempotency_key] += 1
    twice = [key for key, count in keys.items() if count > 1]
    if twice:
        raise Violation(f"{origin} holds more than one event of a command: {twice}")


def _ids(entries: Sequence[Entry], reference: Reference) -> list[str]:
    return [entry.message_id for entry in entries if owner_of(entry) not in reference.erased]


def _check_carried(name: str, origin: str, sent: list[str], held: list[str]) -> None:
    prefix = f"{origin}_"
    got = [message_id for message_id in held if message_id.startswith(prefix)]
    if got != sent:
        raise Violation(f"{name} holds other entries of {origin}: {_difference(sent, got)}")


def _check_erased(name: str, log: Sequence[Entry], reference: Reference) -> None:
    words = [personal(reference.people[person].subject).encode() for person in reference.erased]
    for entry in log:
        if owner_of(entry) in reference.erased and not is_forged(entry):
            raise Violation(f"{name} still holds {entry.message_id}, of {owner_of(entry)}, who is erased")
        if any(word in entry.data for word in words):
            raise Violation(f"{name} holds words of somebody who is erased: {entry.message_id} at {entry.subject}")


def _difference(sent: list[str], got: list[str]) -> str:
    missing, more = Counter(sent) - Counter(got), Counter(got) - Counter(sent)
    if not missing and not more:
        return "in another order"
    return f"missing {some(set(missing))}, too many {some(set(more))}"
