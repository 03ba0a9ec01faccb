"""Every error has a code and a safe text, whichever way it goes out."""

from __future__ import annotations

import logging

import pytest
from graphql import GraphQLError, GraphQLSyntaxError, Source

from gateway.errors import as_body, client_field, http_status, shape, told
from services.chassis.errors import (
    Conflict,
    Exhausted,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    SamverkaError,
    Unauthenticated,
    Unavailable,
)


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        ("", ""),
        ("body", "body"),
        ("post_id", "postId"),
        ("context.idempotency_key", "idempotencyKey"),
        ("samverka-after", "samverka-after"),
    ],
)
def test_fields_are_named_as_clients_know_them(field: str, shown: str) -> None:
    assert client_field(field) == shown


def test_the_detail_goes_to_the_log_and_not_to_the_client(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    error = GraphQLError("x: y (secret)", original_error=Forbidden("You may not.", code="no", detail="secret"))
    shape(error)
    assert error.formatted == {"message": "You may not.", "extensions": {"code": "no"}}
    assert "secret" in caplog.text


def test_what_is_unexpected_is_logged_with_its_trace(caplog: pytest.LogCaptureFixture) -> None:
    error = GraphQLError("boom", original_error=GraphQLError("boom", original_error=ZeroDivisionError("secret")))
    shape(error)
    assert error.formatted == {"message": "Something went wrong on our side.", "extensions": {"code": "internal"}}
    assert "ZeroDivisionError: secret" in caplog.text


def test_an_error_keeps_the_code_it_has() -> None:
    error = GraphQLError("No.", extensions={"code": "own"})
    shape(error)
    shape(error)
    assert error.extensions == {"code": "own"}


def test_what_graphql_itself_says_is_told_with_a_code() -> None:
    syntax, other = GraphQLSyntaxError(Source("{"), 0, "Expected"), GraphQLError("Unknown field")
    shape(syntax)
    shape(other)
    assert (syntax.extensions, other.extensions) == ({"code": "graphql_syntax"}, {"code": "graphql_invalid"})


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (Invalid, 400),
        (Unauthenticated, 401),
        (Forbidden, 403),
        (NotFound, 404),
        (Conflict, 409),
        (Gone, 410),
        (Exhausted, 429),
        (Unavailable, 503),
        (SamverkaError, 500),
    ],
)
def test_every_kind_has_its_status(kind: type[SamverkaError], status: int) -> None:
    assert http_status(kind("No.")) == status


def test_a_body_holds_message_code_and_field() -> None:
    assert as_body(Invalid("No.", code="bad", field="post_id")) == {
        "errors": [{"message": "No.", "extensions": {"code": "bad", "field": "postId"}}]
    }


def test_an_error_of_ours_is_told_as_it_is() -> None:
    error = NotFound("Gone.")
    assert told(error) is error
