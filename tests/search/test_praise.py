"""Public recognition is found as what its giver posts, with what is said below it, as long as it counts."""

from __future__ import annotations

import pytest

from samverka.search.v1.search_views_pb2 import HIT_KIND_PRAISE
from services.chassis.awards import praise_of
from tests.feed.calls import comment, home_page
from tests.recognition.calls import thank, withdraw
from tests.search.asking import found, hits
from tests.support.services import Member, Region

pytestmark = pytest.mark.usefixtures("search")


@pytest.fixture(autouse=True)
async def recognising(region: Region, search: object) -> None:
    await region.add_recognition()


async def test_it_is_found_by_its_words_its_giver_and_its_kind_and_so_is_a_comment_below(
    region: Region, anna: Member, bengt: Member
) -> None:
    given = await thank(anna, bengt.id, message="For the splendid launch")
    await region.settle()
    post = praise_of(given.id)
    assert [edge.node.id for edge in (await home_page(anna)).edges] == [post]
    below = (await comment(bengt, post, "A splendid word")).id

    (hit,) = await hits(bengt, "launch")
    assert (hit.kind, hit.id, hit.author.id, hit.created_at_ms) == (
        HIT_KIND_PRAISE,
        post,
        anna.id,
        given.given_at_ms,
    )
    assert set(await found(bengt, "splendid")) == {post, below}
    assert await found(bengt, "kind:praise from:anna") == await found(bengt, "kind:post launch") == [post]
    assert await found(bengt, "kind:praise from:bengt") == []


async def test_it_goes_when_it_is_withdrawn_and_what_was_said_below_it(
    region: Region, anna: Member, bengt: Member
) -> None:
    given = await thank(anna, bengt.id, message="For the splendid launch")
    await region.settle()
    await comment(bengt, praise_of(given.id), "A splendid word")
    assert len(await found(bengt, "splendid")) == 2
    await withdraw(anna, given.id)
    await region.settle()
    assert await found(anna, "splendid") == await found(bengt, "kind:praise") == []


async def test_what_is_private_is_found_by_nobody(region: Region, anna: Member, bengt: Member) -> None:
    await thank(anna, bengt.id, message="For the splendid launch", private=True)
    await region.settle()
    assert await found(anna, "splendid") == await found(bengt, "splendid") == await found(anna, "kind:praise") == []
