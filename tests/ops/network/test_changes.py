"""Facts about what is said to change, and about what each server then has to do."""

from __future__ import annotations

from dataclasses import replace

from ops.network.changes import Need
from ops.network.description import Network
from ops.network.keyring import Keyring
from ops.network.preparing import all_seeds
from tests.ops.network.directories import Directory, network

TWO = network("stockholm", "tokyo")
THREE = network("stockholm", "tokyo", "austin")


def _moved(described: Network, **change: str) -> Network:
    return replace(described, regions=(replace(described.regions[0], **change), *described.regions[1:]))  # type: ignore[arg-type]


def test_the_first_time_everything_is_new_and_every_server_starts(directory: Directory) -> None:
    changes = directory.compare(TWO)
    assert changes.needs == {"stockholm": Need.START, "tokyo": Need.START}
    assert changes.lines[:3] == [
        "new      region stockholm",
        "new      region tokyo",
        "new      link stockholm – tokyo",
    ]
    assert not directory.data.root.exists()


def test_the_second_time_there_is_nothing_to_do(directory: Directory) -> None:
    directory.write(THREE)
    assert not directory.compare(THREE)
    assert directory.compare(THREE).lines == []


def test_adding_a_region_at_the_end_restarts_nobody(directory: Directory) -> None:
    directory.write(TWO)
    changes = directory.compare(THREE)
    assert changes.needs == {"stockholm": Need.RELOAD, "tokyo": Need.RELOAD, "austin": Need.START}
    changed = {file.relative_to(directory.data.root).as_posix() for file in changes.written if file.exists()}
    assert changed == {f"{name}/{file}" for name in ("stockholm", "tokyo") for file in ("nats.conf", "peers.json")}


def test_removing_a_region_restarts_nobody(directory: Directory) -> None:
    directory.write(THREE)
    changes = directory.compare(network("stockholm", "tokyo"))
    assert changes.needs == {"stockholm": Need.RELOAD, "tokyo": Need.RELOAD}
    assert changes.lines[:3] == [
        "removed  region austin",
        "removed  link austin – stockholm",
        "removed  link austin – tokyo",
    ]


def test_listening_elsewhere_needs_a_restart(directory: Directory) -> None:
    directory.write(TWO)
    changes = directory.compare(_moved(TWO, client_listen="127.0.0.1:30000"))
    assert changes.needs == {"stockholm": Need.RESTART}


def test_being_dialled_elsewhere_is_told_to_those_who_dial(directory: Directory) -> None:
    directory.write(TWO)
    changes = directory.compare(_moved(TWO, leaf="10.0.0.7:7422"))
    assert changes.needs == {"stockholm": Need.RELOAD, "tokyo": Need.RELOAD}
    assert "stockholm: a new certificate, because it is not for 10.0.0.7" in changes.lines


def test_changed_keys_reload_whoever_accepts_before_whoever_dials(directory: Directory) -> None:
    directory.write(THREE)

    def turn(keyring: Keyring) -> None:
        for seed in all_seeds(THREE, directory.data, "tokyo"):
            keyring.change(seed)

    changes = directory.write(THREE, turn)
    assert list(changes.needs.items()) == [(name, Need.RELOAD) for name in ("stockholm", "tokyo", "austin")]


def test_a_file_that_others_may_read_is_written_anew(directory: Directory) -> None:
    directory.write(TWO)
    seed = directory.data.region("tokyo").services_seed
    seed.chmod(0o640)
    assert directory.compare(TWO).lines == ["changed  tokyo/services.nk"]


def test_a_list_of_peers_that_cannot_be_read_is_written_anew(directory: Directory) -> None:
    directory.write(TWO)
    directory.data.region("tokyo").peers.write_text("{")
    assert "changed  tokyo/peers.json" in directory.compare(TWO).lines


def test_no_secret_is_said(directory: Directory) -> None:
    said = "\n".join(directory.write(THREE).lines + directory.write(TWO).lines).encode()
    assert not any(secret in said for secret in directory.secrets())
