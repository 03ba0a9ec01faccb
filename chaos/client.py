"""A person's frontend: it asks by GraphQL, and repeats a write under its key until it knows what came of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

WRITE_SECONDS_MAX = 120.0
"""A process that was killed is there again in a few seconds; a supervisor, with everything it runs, in some more."""
ANSWER_SECONDS_MAX = 20.0
_AGAIN_SECONDS = 0.1
NOT_NOW = frozenset(
    "behind log_unavailable draining deadline stream_ended unavailable issuer_unreachable contended conflict"
    " queue_full too_many_requests exhausted".split()
)
"""The codes that are documented as: the same request may succeed later."""
NOT_THERE = frozenset(
    "post_not_found comment_not_found target_not_found person_not_found group_not_found member_not_found"
    " content_not_found erasure_not_found not_found badge_not_found recognition_not_found".split()
)
"""The codes of what has not arrived yet, was deleted or hidden, or never was."""
BY_RULE = frozenset({"allowance_spent", "ruled_by_group"})
"""The codes of what a rule forbids that the load means to meet."""
NOT_SHOWN = "not_shown"
"""The code of what is done, about something that has been deleted or hidden meanwhile."""
NO_ANSWER = "no_answer"
"""Nobody answered, or not in GraphQL: whether the write had its effect is not known."""


class NotAnswered(Exception):
    """What was asked has no answer; the text says why."""


@dataclass(frozen=True, slots=True)
class Write:
    """A mutation: its field, its input without the key, and what is asked of the answer."""

    field: str
    input: Mapping[str, Any]
    wanted: str

    @property
    def document(self) -> str:
        kind = self.field[0].upper() + self.field[1:] + "Input"
        chosen = f"{self.wanted} errors {{ code }}"
        return f"mutation ($input: {kind}!) {{ {self.field}(input: $input) {{ {chosen} }} }}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a write: the payload, or the code of its refusal; ``attempts`` is how often it was sent.

    ``shown`` is False if it is done and its object is not shown: then the payload names nothing.
    """

    payload: Mapping[str, Any]
    code: str
    attempts: int
    shown: bool = True


class Client:
    """Asks one region as one person."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self.answers: Counter[str] = Counter()
        """How often each code was met that was no success."""

    @classmethod
    def at(cls, url: str, token: str) -> Client:
        """Return a client of the gateway at ``url``; close it."""
        headers = {"authorization": f"Bearer {token}"}
        return cls(httpx.AsyncClient(base_url=url, headers=headers, timeout=ANSWER_SECONDS_MAX, trust_env=False))

    async def close(self) -> None:
        await self._http.aclose()

    async def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """Return the data of an answer, asked again until there is one; NotAnswered if it is refused.

        What is not there is null in the data, which is empty where that could not be.
        """
        code = NO_ANSWER
        clock = asyncio.get_running_loop()
        begun = clock.time()
        while clock.time() - begun < WRITE_SECONDS_MAX:
            data, code = await self._send(document, variables)
            if code in NOT_THERE or (data is not None and not code):
                return data or {}
            if code not in NOT_NOW and code != NO_ANSWER:
                break
            await asyncio.sleep(_AGAIN_SECONDS)
        raise NotAnswered(f"{document}: {code}")

    async def write(self, write: Write, key: str) -> Outcome:
        """Send ``write`` until it is acknowledged or refused for good; NotAnswered if neither comes in time."""
        clock = asyncio.get_running_loop()
        begun, attempts, code = clock.time(), 0, ""
        while clock.time() - begun < WRITE_SECONDS_MAX:
            attempts += 1
            payload, code = await self._send_write(write, key)
            if not code or code == NOT_SHOWN:
                return Outcome(payload, "", attempts, shown=not code)
            if code not in NOT_NOW and code != NO_ANSWER:
                return Outcome({}, code, attempts)
            await asyncio.sleep(_AGAIN_SECONDS)
        raise NotAnswered(f"{write.field} under {key} after {attempts} attempts: {code}")

    async def _send_write(self, write: Write, key: str) -> tuple[dict[str, Any], str]:
        data, code = await self._send(write.document, {"input": {**write.input, "idempotencyKey": key}})
        payload = (data or {}).get(write.field) or {}
        if not code and payload.get("errors"):
            code = str(payload["errors"][0]["code"])
            self.answers[code] += 1
        return payload, code

    async def _send(self, document: str, variables: Mapping[str, Any]) -> tuple[dict[str, Any] | None, str]:
        """Return the data, and a code if something was wrong."""
        data, code = await self._exchange(document, variables)
        if code:
            self.answers[code] += 1
        return data, code

    async def _exchange(self, document: str, variables: Mapping[str, Any]) -> tuple[dict[str, Any] | None, str]:
        try:
            response = await self._http.post("/graphql", json={"query": document, "variables": variables})
            answer = response.json()
            errors = answer.get("errors")
            return answer.get("data"), str(errors[0]["extensions"]["code"]) if errors else ""
        except (httpx.TransportError, ValueError, KeyError, AttributeError):
            return None, NO_ANSWER
