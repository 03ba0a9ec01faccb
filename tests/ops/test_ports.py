"""Facts about the ports that a network takes."""

from __future__ import annotations

import random
import socket
from pathlib import Path

import pytest

from ops.failure import Failure
from ops.ports import LOOPBACK, FreePorts, is_free, issuer_port


def test_no_port_is_given_twice(free_ports: FreePorts) -> None:
    given = [free_ports.take() for _ in range(100)]
    assert len(set(given)) == 100


def test_a_port_that_is_promised_to_others_is_not_given() -> None:
    first = FreePorts(chance=random.Random(7)).take()
    assert FreePorts(chance=random.Random(7), avoid=[first]).take() != first


def test_a_port_that_was_given_is_given_by_nobody_else_until_who_gave_it_is_gone() -> None:
    one = FreePorts(chance=random.Random(7))
    first = one.take()
    assert FreePorts(chance=random.Random(7)).take() != first
    with socket.create_server((LOOPBACK, first)):  # which is what it was given for
        pass
    del one
    assert FreePorts(chance=random.Random(7)).hold(first)


def test_a_port_is_held_for_one_alone(free_ports: FreePorts) -> None:
    port = free_ports.take()
    assert not FreePorts(chance=random.Random(7)).hold(port)
    assert free_ports.hold(port)


def test_a_port_that_somebody_listens_on_is_not_free(free_ports: FreePorts) -> None:
    port = free_ports.take()
    with socket.create_server((LOOPBACK, port)):
        assert not is_free(port)
    assert is_free(port)


def test_a_port_with_lingering_connections_is_free(free_ports: FreePorts) -> None:
    port = free_ports.take()
    with socket.create_server((LOOPBACK, port)) as server, socket.create_connection((LOOPBACK, port)):
        accepted, _ = server.accept()
        accepted.close()  # the side that closes first keeps the port in TIME_WAIT
    assert is_free(port)


def test_the_issuers_port_stays_the_same(free_ports: FreePorts, tmp_path: Path) -> None:
    file = tmp_path / "issuer" / "port"
    assert issuer_port(file, free_ports) == issuer_port(file, free_ports)


@pytest.mark.parametrize("content", ["", "port", "0", "65536", "-1", "\uff18\uff10"])
def test_an_issuers_port_that_is_none_is_told(content: str, free_ports: FreePorts, tmp_path: Path) -> None:
    file = tmp_path / "port"
    file.write_text(content)
    with pytest.raises(Failure, match="holds no port"):
        issuer_port(file, free_ports)
