"""A small service to try the server's side with: it does what the text of the request says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.wrappers_pb2 import StringValue

from services.chassis.auth import Caller, current_caller
from services.chassis.errors import Invalid, SamverkaError, Unauthenticated
from services.chassis.settings import ServiceSettings
from services.chassis.traceparents import current_traceparent

NAME = "samverka.test.v1.EchoService"


class EchoService:
    """``raises`` maps a text to what is raised for it."""

    def __init__(self) -> None:
        self.raises: dict[str, Callable[[], BaseException]] = {}
        self.calls = 0
        self.entered = asyncio.Event()
        self.may_leave = asyncio.Event()
        self.ended: list[str] = []

    async def Say(self, request: StringValue, context: Any) -> StringValue:
        self.calls += 1
        if request.value in self.raises:
            error = self.raises[request.value]()
            raise error
        match request.value:
            case "who":
                return StringValue(value=current_caller().handle)
            case "trace":
                return StringValue(value=current_traceparent())
            case "abort":
                await context.abort(grpc.StatusCode.DATA_LOSS, "by hand")
            case "trailing":
                context.set_trailing_metadata((("mine", "1"),))
            case "wait":
                return await self._wait()
            case "large":
                return StringValue(value="x" * (1 << 20))
            case "unwritable":
                return "no message"  # type: ignore[return-value]
        return request

    async def Tell(self, request: StringValue, context: Any) -> AsyncIterator[StringValue]:
        try:
            yield StringValue(value=current_caller().handle)
            if request.value in self.raises:
                error = self.raises[request.value]()
                raise error
            if request.value == "wait":
                await self._wait()
            yield request
        finally:
            self.ended.append(request.value)

    async def Take(self, requests: AsyncIterator[StringValue], context: Any) -> StringValue:
        return StringValue(value="taken")

    async def _wait(self) -> StringValue:
        self.entered.set()
        await self.may_leave.wait()
        return StringValue(value="waited")


def add_echo_to_server(servicer: EchoService, server: Any) -> None:
    """Do what generated code does."""
    form: dict[str, Any] = {
        "request_deserializer": StringValue.FromString,
        "response_serializer": StringValue.SerializeToString,
    }
    handlers = {
        "Say": grpc.unary_unary_rpc_method_handler(servicer.Say, **form),
        "Tell": grpc.unary_stream_rpc_method_handler(servicer.Tell, **form),
        "Take": grpc.stream_unary_rpc_method_handler(servicer.Take, **form),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(NAME, handlers),))
    server.add_registered_method_handlers(NAME, handlers)


class EchoStub:
    """What a generated stub is."""

    def __init__(self, channel: Any) -> None:
        form = {"request_serializer": StringValue.SerializeToString, "response_deserializer": StringValue.FromString}
        self.Say = channel.unary_unary(f"/{NAME}/Say", **form)
        self.Tell = channel.unary_stream(f"/{NAME}/Tell", **form)
        self.Take = channel.stream_unary(f"/{NAME}/Take", **form)
        self.SayRaw = channel.unary_unary(f"/{NAME}/Say")
        self.Unknown = channel.unary_unary(f"/{NAME}/Unknown", **form)


class TrustingVerifier:
    """The token is the handle; ``bad`` is refused."""

    async def verify(self, token: str) -> Caller:
        if token == "bad":
            raise Unauthenticated("The token's signature is wrong.", code="token_signature")
        return Caller(
            person_id=f"stockholm_{token}",
            issuer="https://login.example.test",
            subject=token,
            handle=token,
            name=token,
            roles=frozenset(),
            expires_at=2_000_000_000,
            token=token,
        )


def make_settings(**changes: Any) -> ServiceSettings:
    """Return settings of a service that listens on free ports."""
    values: dict[str, Any] = {
        "env": "dev",
        "region": "stockholm",
        "auth_issuer": "http://127.0.0.1:9",
        "nats_url": "nats://127.0.0.1:4222",
        "data_dir": Path("/nowhere"),
        "grpc_listen": "127.0.0.1:0",
        "health_listen": "127.0.0.1:0",
        "admin_listen": "127.0.0.1:0",
    }
    return ServiceSettings(**values | changes)


def secretive() -> Exception:
    return RuntimeError("the password is hunter2")


def invalid() -> SamverkaError:
    return Invalid("It is too long.", code="too_long", field="body", detail="hunter2")
