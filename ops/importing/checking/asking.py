"""Asks one region's gateway, no faster than it lets one person ask."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

import httpx
import orjson

from ops.failure import Failure
from ops.importing.client import TokenSource
from ops.importing.limits import ASK_AGAIN_SECONDS, ASKED_TIMES_MAX

_LATER = frozenset({"too_many_requests", "behind", "log_unavailable", "draining", "deadline", "unavailable"})
"""Codes of what the same request may be answered with another time."""
_NOBODY = frozenset({"person_not_found", "person_erased"})
"""Codes of what is no fault of the query: null is the answer."""


class Ask(Protocol):
    """Answers a GraphQL query with its data."""

    async def __call__(self, query: str, /, **variables: object) -> dict[str, Any]: ...


class Asking:
    """Raises Failure for an answer that is none, or that says that the query was wrong."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        region: str,
        token: TokenSource,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._client = client
        self._region = region
        self._token = token
        self._sleep = sleep

    async def __call__(self, query: str, /, **variables: object) -> dict[str, Any]:
        for _ in range(ASKED_TIMES_MAX):
            answer = await self._post(query, variables)
            faults = [error for error in answer.get("errors") or () if _code(error) not in _NOBODY]
            if not faults:
                return dict(answer["data"])
            if _code(faults[0]) not in _LATER:
                break
            await self._sleep(ASK_AGAIN_SECONDS)
        raise Failure(f"{self._region} does not answer: {faults[0]['message']}")

    async def _post(self, query: str, variables: Mapping[str, object]) -> dict[str, Any]:
        content = orjson.dumps({"query": query, "variables": variables})
        headers = {"authorization": f"Bearer {self._token()}", "content-type": "application/json"}
        try:
            response = await self._client.post("/graphql", content=content, headers=headers)
            return dict(orjson.loads(response.content))
        except (httpx.HTTPError, ValueError) as error:
            raise Failure(f"{self._region} does not answer: {type(error).__name__}.") from error


def _code(error: Mapping[str, Any]) -> str:
    return str(error.get("extensions", {}).get("code", ""))
