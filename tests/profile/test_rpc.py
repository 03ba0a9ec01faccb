"""The profile service at its gRPC interface: whatever comes in, what goes out is an answer or an error of ours."""

from __future__ import annotations

import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from samverka.profile.v1 import profile_service_pb2 as pb
from tests.support.anything import anything_in
from tests.support.fuzzing import FUZZED, RAW, require_a_decent_end, require_a_decent_end_of_bytes
from tests.support.services import Member, Region, person_id

METHODS: dict[str, type[Message]] = {
    "SignIn": pb.SignInRequest,
    "ImportPerson": pb.ImportPersonRequest,
    "EditProfile": pb.EditProfileRequest,
    "Follow": pb.FollowRequest,
    "Unfollow": pb.UnfollowRequest,
    "GetPerson": pb.GetPersonRequest,
}
SERVICE = "samverka.profile.v1.ProfileService"


@pytest.fixture
async def importer(region: Region) -> Member:
    return await region.member("ivan", role="importer")


def test_no_method_is_forgotten_here() -> None:
    assert set(METHODS) == {method.name for method in pb.DESCRIPTOR.services_by_name["ProfileService"].methods}


@pytest.mark.parametrize("method", METHODS)
@FUZZED
@given(data=st.data())
async def test_anything_in_any_field_is_answered_or_refused_by_name(
    region: Region, importer: Member, method: str, data: st.DataObject
) -> None:
    request = data.draw(anything_in(METHODS[method], importer.id, person_id("anna"), "ivan"))

    await require_a_decent_end(importer, getattr(region.profile.profile, method), request)


@pytest.mark.parametrize("method", METHODS)
async def test_bytes_that_are_no_request_are_refused(region: Region, anna: Member, method: str) -> None:
    for raw in RAW:
        await require_a_decent_end_of_bytes(anna, region.profile.channel, f"/{SERVICE}/{method}", raw)
