"""Deciding a command: decide on what the projection shows, append if its register has not moved, decide again if it has.

1. Ask the log for the register's last sequence, and wait until the projection has applied it.
2. Decide, purely, from one snapshot of the projection. A command that was carried out before answers what it led to.
3. Append on condition that the register is still where it was. If it is not, somebody else came first: from 1.
4. Wait until the projection shows it, so that the reply is what a reader sees.

The condition makes a command happen once even when its acknowledgement is lost, its service is killed, or two replicas
get the same request: the second finds the register moved, and then the receipt. Commands of one register queue inside a
replica, so that only replicas race, not requests.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from google.protobuf.message import Message

from samverka.event.v1.event_pb2 import CommandContext
from services.chassis import limits, telemetry, traceparents
from services.chassis.auth import Caller
from services.chassis.clock import HybridClock
from services.chassis.envelope import TIME_MS_MAX, seal, to_ms
from services.chassis.erasing import require_not_erased
from services.chassis.errors import Conflict, Exhausted, Forbidden, Gone, Invalid, SamverkaError, Unavailable
from services.chassis.eventlog.port import EventLog, Expectation, Moved, Position
from services.chassis.eventlog.subjects import Reach, Subject, register_of
from services.chassis.ids import Ids, parse, region_actor
from services.chassis.projection import ProjectionRunner, applied_sequence
from services.chassis.receipts import find_receipt
from services.chassis.store import Connection

_KEY = re.compile(rf"[!-~]{{1,{limits.IDEMPOTENCY_KEY_CHARACTERS_MAX}}}")
_IMPORTER = "importer"


@dataclass(frozen=True, slots=True)
class Intent:
    """Who wants what, parsed from a request: all that a command knows of how it was asked.

    ``authored_at_ms`` is 0 unless an importer tells another time than now; ``key`` is empty where the caller gave none.
    """

    actor: str
    recorded_by: str
    authored_at_ms: int
    key: str
    digest: bytes

    def object_id(self, ids: Ids, kind: str) -> str:
        """Return the id of what this intent creates: the same one however often it is asked under one key."""
        return ids.derive(self.actor, kind, self.key) if self.key else ids.new()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a command: where the log stood then, and the event it led to (empty: nothing had to change)."""

    position: Position
    event_id: str


@dataclass(frozen=True, slots=True)
class WithReach:
    """A payload, and how far it may go: found in the same snapshot as what it hangs on, so that nothing local slips out."""

    payload: Message
    reach: Reach


Decide = Callable[[Connection], WithReach | Message | None]
"""Returns the event's payload, which the whole network may see if no reach is given, or None if nothing has to change.

Raises a SamverkaError if a rule forbids it.
"""


def parse_intent(request: Message, context: CommandContext, caller: Caller, region: str) -> Intent:
    """Return the intent of ``request``. Raises Invalid for a bad context, Forbidden if the caller may not use it."""
    if context.idempotency_key and not _KEY.fullmatch(context.idempotency_key):
        raise Invalid(
            f"An idempotency key has 1 to {limits.IDEMPOTENCY_KEY_CHARACTERS_MAX} printable ASCII characters.",
            code="malformed_idempotency_key",
            field="idempotency_key",
        )
    imports = bool(context.on_behalf_of) or context.HasField("authored_at")
    if imports and _IMPORTER not in caller.roles:
        raise Forbidden("Only an importer may write for others or at another time.", field="context")
    actor = caller.person_id
    if context.on_behalf_of:
        actor = parse(context.on_behalf_of, field="on_behalf_of")
        if not actor.startswith(f"{region}_"):
            raise Invalid("That person is at home in another region.", code="home_elsewhere", field="on_behalf_of")
    return Intent(
        actor=actor,
        recorded_by=caller.person_id if actor != caller.person_id else "",
        authored_at_ms=_authored_at_ms(context),
        key=context.idempotency_key,
        digest=_digest(request),
    )


def region_intent(region: str, *, recorded_by: str = "") -> Intent:
    """Return the intent of the region itself; ``recorded_by`` is who asked for it, if somebody did."""
    return Intent(actor=region_actor(region), recorded_by=recorded_by, authored_at_ms=0, key="", digest=b"")


class Decider:
    """Carries out the commands of one service in one region."""

    def __init__(
        self, *, service: str, region: str, log: EventLog, runner: ProjectionRunner, ids: Ids, hlc: HybridClock
    ) -> None:
        self.ids = ids
        self._service = service
        self._region = region
        self._log = log
        self._runner = runner
        self._hlc = hlc
        self._queues: dict[str, tuple[asyncio.Lock, int]] = {}
        self._appended_through = 0

    async def carry_out(self, intent: Intent, decide: Decide, *, owner: str, directory: bool = False) -> Outcome:
        """Decide ``intent`` on the register of ``owner`` and append what it leads to.

        ``directory`` puts the event into the region's directory, one register of all owners, where a rule is about all
        of them (a handle is free). Raises what ``decide`` raises, Conflict if others kept coming first or the key was
        used for something else, Unavailable if the log does not answer.
        """
        service = "directory" if directory else self._service
        register = register_of(self._region, service) if directory else register_of(self._region, service, owner)
        async with self._turn(register):
            for _ in range(limits.DECIDE_ATTEMPTS_MAX):
                expected = Expectation(register, await self._seen(register))
                decided, done, sequence = self._runner.store.read_now(lambda db: _decide_once(db, intent, decide))
                if decided is None:
                    return Outcome(Position(self._log.epoch, sequence), done)
                subject = str(Subject(self._region, decided.reach, service, owner))
                try:
                    return await self._append(intent, decided.payload, subject, expected)
                except Moved:
                    continue
        raise Conflict("Others kept changing this at the same time; try again.", code="contended")

    def not_shown(self) -> SamverkaError:
        """Return what they are told who asked for something that is done, and whose object is not to be seen here.

        Unavailable while this replica has yet to apply what was appended here, or else Gone: to repeat it is no use.
        """
        if self._runner.position.sequence < self._appended_through:
            return Unavailable("It is done, and not yet shown; ask again.", code="behind")
        return Gone("It is done, and what it is about was deleted or hidden since.")

    async def _seen(self, register: str) -> int:
        last = await self._log.last_sequence(register)
        position = Position(self._log.epoch, last)
        if not await self._runner.wait_applied(position, timeout_seconds=limits.CATCH_UP_SECONDS_MAX):
            raise Unavailable("This replica is behind; try again.", code="behind")
        return last

    async def _append(self, intent: Intent, payload: Message, subject: str, expected: Expectation) -> Outcome:
        # With the digest: of two requests under one key, at two replicas at once, the log must not take one for the other.
        event_id = intent.object_id(self.ids, f"event {intent.digest.hex()}")
        with telemetry.span("append", kind="producer"):  # whoever applies the event does so on behalf of this span
            data = seal(
                payload,
                event_id=event_id,
                origin=self._region,
                actor=intent.actor,
                occurred_at=self._hlc.now(),
                traceparent=traceparents.current_traceparent(sampled_only=True),
                recorded_by=intent.recorded_by,
                authored_at_ms=intent.authored_at_ms,
                idempotency_key=intent.key,
                command_digest=intent.digest,
            )
            if len(data) > limits.EVENT_BYTES_MAX:
                raise Invalid("It is too large.", code="too_large")
            sequence = await self._log.append(event_id, subject, data, expected=expected)
        self._appended_through = max(self._appended_through, sequence)
        position = Position(self._log.epoch, sequence)
        await self._runner.wait_applied(position, timeout_seconds=limits.CATCH_UP_SECONDS_MAX)
        return Outcome(position, event_id)

    @asynccontextmanager
    async def _turn(self, register: str) -> AsyncIterator[None]:
        """Wait for this replica's turn at a register; a queue that is too long is refused."""
        lock, waiting = self._queues.get(register, (asyncio.Lock(), 0))
        if waiting >= limits.COMMANDS_WAITING_MAX:
            raise Exhausted("Too many changes to the same thing are waiting; try again.", code="queue_full")
        self._queues[register] = (lock, waiting + 1)
        try:
            async with lock:
                yield
        finally:
            lock, waiting = self._queues[register]
            if waiting == 1:
                del self._queues[register]
            else:
                self._queues[register] = (lock, waiting - 1)


def _decide_once(db: Connection, intent: Intent, decide: Decide) -> tuple[WithReach | None, str, int]:
    """Return what to append, or None and the event that the same intent led to before, and where that was decided."""
    sequence = applied_sequence(db)
    require_not_erased(db, intent.actor)
    receipt = find_receipt(db, intent.actor, intent.key) if intent.key else None
    if receipt is None:
        decided = decide(db)
        return WithReach(decided, "pub") if isinstance(decided, Message) else decided, "", sequence
    digest, event_id = receipt
    if digest != intent.digest:
        raise Conflict(
            "That idempotency key was used for another request.", code="idempotency_key_reused", field="idempotency_key"
        )
    return None, event_id, sequence


def _authored_at_ms(context: CommandContext) -> int:
    if not context.HasField("authored_at"):
        return 0
    ms = to_ms(context.authored_at)
    if not 0 < ms < TIME_MS_MAX:
        raise Invalid("That time is out of range.", code="out_of_range", field="authored_at")
    return ms


def _digest(request: Message) -> bytes:
    """Return what tells one request from another, however it was sent: its name and fields without the context."""
    asked = type(request)()
    asked.CopyFrom(request)
    asked.ClearField("context")
    content = asked.SerializeToString(deterministic=True)
    return hashlib.blake2b(request.DESCRIPTOR.full_name.encode() + b"\0" + content, digest_size=8).digest()
