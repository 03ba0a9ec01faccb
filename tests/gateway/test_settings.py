"""What the gateway is told, and where it listens if it is not told."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.gateway.fakes.node import make_settings


def test_it_listens_on_this_machine_unless_told_otherwise() -> None:
    assert type(make_settings()).model_fields["http_listen"].default == "127.0.0.1:8080"


@pytest.mark.parametrize("field", ["profile_target", "feed_target", "http_listen"])
def test_an_empty_address_is_refused(field: str) -> None:
    if field == "http_listen":
        with pytest.raises(ValidationError):
            make_settings(http_listen="nonsense")
    else:
        with pytest.raises(ValidationError):
            make_settings(**{field: ""})
