"""What may be refused to people about what they wrote, and what may not."""

from __future__ import annotations

from random import Random
from typing import Any, cast

import pytest
from google.protobuf.message import Message

from simulation.calling import Client, Refusal, caller_of
from simulation.doings.posts import edit_own
from simulation.reference import Reference
from simulation.reference.groups import Group
from simulation.reference.texts import Text
from simulation.regions import Region
from simulation.trace import Trace, Violation

ANNA = caller_of("stockholm", "anna-0-stockholm", handle="anna")


class Refused(Client):
    """To whom everything is refused."""

    async def may(self, service: str, method: str, request: Message, *, keyed: bool = True) -> Any:
        raise Refusal("refused")


@pytest.mark.parametrize(
    ("private", "owner", "raised"),
    [(True, "another", Refusal), (True, ANNA.person_id, Violation), (False, "another", Violation)],
)
async def test_an_edit_may_be_refused_where_a_private_group_may_have_sent_its_author_away(
    private: bool, owner: str, raised: type[Exception]
) -> None:
    reference = Reference(posts={"post": Text("post", ANNA.person_id, "body", group_id="group")})
    reference.groups.by_id["group"] = Group("group", owner, "Group", local=False, private=private)
    anna = Refused(cast("Region", None), ANNA, reference, Trace(lambda: 0.0), Random(1))

    with pytest.raises(raised):
        await edit_own(anna)
    assert reference.posts["post"].body == "body"
