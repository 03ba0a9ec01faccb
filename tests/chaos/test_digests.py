"""Facts about the comparison of digests."""

from __future__ import annotations

from functools import partial
from typing import Any

from chaos.digests import SERVICES, check_agreement, check_rebuilt
from chaos.findings import Kind

agree = partial(check_agreement, services=("feed",))


def replica(region: str, **held: str) -> dict[str, Any]:
    """Return the digest of a region's feed; ``held`` maps each origin to the digest of what is held of it."""
    origins = [{"origin": origin, "sequence": 7, "rows": 1, "sha256": digest} for origin, digest in held.items()]
    tables = [{"table": "posts", "rows": 1, "sha256": "".join(held.values())}]
    return {"name": f"{region}/feed-1", "service": "feed", "position": "e:7", "origins": origins, "tables": tables}


def test_regions_that_hold_the_same_of_every_origin_agree() -> None:
    held = {region: [replica(region, stockholm="aa", tokyo="bb")] for region in ("stockholm", "tokyo")}
    assert list(agree(held)) == []


def test_a_difference_about_one_origin_is_found() -> None:
    held = {
        "stockholm": [replica("stockholm", stockholm="aa", tokyo="bb")],
        "tokyo": [replica("tokyo", stockholm="aa", tokyo="cc")],
    }

    (finding,) = agree(held)

    assert (finding.kind, finding.region) == (Kind.DISAGREEMENT, "tokyo")
    assert "of tokyo" in finding.text


def test_a_region_that_knows_nothing_of_another_does_not_agree_with_it() -> None:
    held = {"stockholm": [replica("stockholm", stockholm="aa")], "tokyo": [replica("tokyo", stockholm="aa", tokyo="b")]}
    assert [finding.region for finding in agree(held)] == ["stockholm"]


def test_a_region_without_replicas_does_not_agree() -> None:
    held = {"stockholm": [replica("stockholm", stockholm="aa", tokyo="b")], "tokyo": []}
    assert [finding.region for finding in agree(held)] == ["tokyo"]


def test_a_service_that_no_region_has_a_replica_of_is_missed() -> None:
    found = check_agreement({"tokyo": [replica("tokyo", tokyo="aa")]})
    assert [finding.kind for finding in found] == [Kind.DISAGREEMENT] * (len(SERVICES) - 1)


def test_a_projection_that_comes_out_otherwise_is_found() -> None:
    grown, made = replica("tokyo", stockholm="aa"), replica("tokyo", stockholm="ab")

    assert list(check_rebuilt("tokyo", [grown], [grown])) == []
    assert {finding.kind for finding in check_rebuilt("tokyo", [grown], [made])} == {Kind.REBUILD}
    assert [finding.kind for finding in check_rebuilt("tokyo", [grown], [])] == [Kind.REBUILD]


def test_a_table_that_comes_out_otherwise_at_the_same_position_is_found() -> None:
    grown = replica("tokyo", stockholm="aa")
    made = {**grown, "tables": [{"table": "posts", "rows": 1, "sha256": "other"}]}

    assert [finding.kind for finding in check_rebuilt("tokyo", [grown], [made])] == [Kind.REBUILD]
    assert list(check_rebuilt("tokyo", [grown], [{**made, "position": "e:8"}])) == []


def test_an_origin_that_wrote_more_meanwhile_is_not_held_against_before() -> None:
    grown = replica("tokyo", stockholm="aa")
    made = replica("tokyo", stockholm="bb")
    made["position"] = "e:8"
    made["origins"][0]["sequence"] = 8
    assert list(check_rebuilt("tokyo", [grown], [made])) == []

    made["origins"][0]["sequence"] = 6  # it has not come as far yet
    assert [finding.kind for finding in check_rebuilt("tokyo", [grown], [made])] == [Kind.REBUILD]
