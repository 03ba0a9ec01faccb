"""The tree of errors is the one that is written down, and crosses the wire whole."""

from __future__ import annotations

import re

import grpc
import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc import code_pb2, error_details_pb2, status_pb2
from hypothesis import given
from hypothesis import strategies as st

from services.chassis import errors
from services.chassis.errors import Conflict, Exhausted, Invalid, SamverkaError, Unavailable, from_status, to_status

KINDS = [kind for kind in SamverkaError.__subclasses__() if kind.__module__ == errors.__name__]
DETAILS = "grpc-status-details-bin"


def received(
    code: grpc.StatusCode, text: str = "", trailing: tuple[tuple[str, str | bytes], ...] = ()
) -> grpc.aio.AioRpcError:
    return grpc.aio.AioRpcError(
        code, grpc.aio.Metadata(), grpc.aio.Metadata(*trailing), details=text, debug_error_string=None
    )


def sent(error: SamverkaError) -> SamverkaError:
    code, text, trailing = to_status(error)
    return from_status(received(code, text, trailing))


def test_the_tree_that_is_written_down_is_the_one_that_is() -> None:
    written = re.findall(r"^[├└]── (\w+) .* ([A-Z_]+)$", errors.__doc__ or "", re.MULTILINE)

    assert written == [(kind.__name__, kind.status.name) for kind in KINDS]


@pytest.mark.parametrize("kind", [SamverkaError, *KINDS], ids=lambda kind: kind.__name__)
def test_every_kind_has_a_code_of_its_own_and_crosses_the_wire(kind: type[SamverkaError]) -> None:
    there = sent(kind("Text for the client.", field="body", detail="for the log alone"))

    assert type(there) is kind
    assert (there.message, there.code, there.field) == ("Text for the client.", kind.default_code, "body")
    assert there.detail == ""
    assert len({SamverkaError.default_code} | {each.default_code for each in KINDS}) == len(KINDS) + 1


def test_what_is_for_the_log_is_not_sent() -> None:
    _, text, trailing = to_status(Unavailable("Try again.", detail="secret"))

    assert "secret" not in text
    assert b"secret" not in trailing[0][1]
    assert str(Unavailable("Try again.", detail="secret")) == "unavailable: Try again. (secret)"
    assert str(Invalid("No.", code="empty")) == "empty: No."
    assert repr(Conflict("No.", code="contended")) == "Conflict('contended: No.')"


@given(st.sampled_from(KINDS), st.text(st.characters(codec="utf-8")), st.from_regex(r"[a-z_]{1,40}", fullmatch=True))
def test_any_code_and_text_cross_the_wire(kind: type[SamverkaError], message: str, code: str) -> None:
    there = sent(kind(message, code=code, field="a.b"))

    assert (type(there), there.message, there.code, there.field) == (kind, message, code, "a.b")


def test_the_details_are_those_of_google_rpc() -> None:
    status = status_pb2.Status.FromString(to_status(Invalid("Too long.", code="too_long", field="body"))[2][0][1])
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()

    assert (status.code, status.message) == (code_pb2.INVALID_ARGUMENT, "Too long.")
    assert status.details[0].Unpack(info)
    assert (info.reason, info.domain) == ("too_long", "samverka")
    assert status.details[1].Unpack(bad)
    assert [(each.field, each.description) for each in bad.field_violations] == [("body", "Too long.")]
    assert len(status.details) == 2


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_what_may_succeed_later_says_when_to_try_again(kind: type[SamverkaError]) -> None:
    status = status_pb2.Status.FromString(to_status(kind("No."))[2][0][1])
    retry = error_details_pb2.RetryInfo()

    assert any(each.Unpack(retry) for each in status.details) == (kind in (Unavailable, Exhausted, Conflict))


@pytest.mark.parametrize("code", list(grpc.StatusCode), ids=lambda code: code.name)
def test_a_status_of_somebody_else_s_tells_nothing_of_their_inside(code: grpc.StatusCode) -> None:
    there = from_status(received(code, "Socket closed at 10.0.0.7"))

    assert "10.0.0.7" not in there.message
    assert "10.0.0.7" in there.detail
    assert there.code in ("unavailable", "too_large", "internal")
    assert isinstance(there, Unavailable) == (code.name in ("UNAVAILABLE", "DEADLINE_EXCEEDED"))


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xff",
        "\xff".encode(),
        "text",
        status_pb2.Status(details=[AnyMessage(type_url="x/google.rpc.ErrorInfo", value=b"\xff")]).SerializeToString(),
        status_pb2.Status(details=[AnyMessage(type_url="x/other", value=b"\xff")]).SerializeToString(),
        b"",
    ],
)
def test_details_that_are_nonsense_are_none(raw: str | bytes) -> None:
    there = from_status(received(grpc.StatusCode.NOT_FOUND, "raw", ((DETAILS, raw),)))

    assert (there.code, there.detail) == ("internal", "NOT_FOUND: raw")


def test_details_of_another_domain_are_none() -> None:
    status = status_pb2.Status()
    status.details.add().Pack(error_details_pb2.ErrorInfo(reason="RATE_LIMITED", domain="mesh.example.com"))

    there = from_status(received(grpc.StatusCode.UNAVAILABLE, "raw", ((DETAILS, status.SerializeToString()),)))

    assert there.code == "unavailable"
