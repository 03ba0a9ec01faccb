"""The recognition service at its gRPC interface: whatever comes in, what goes out is an answer or an error of ours."""

from __future__ import annotations

import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from samverka.recognition.v1 import recognition_service_pb2 as pb
from tests.recognition.calls import define, thank
from tests.support.anything import anything_in
from tests.support.fuzzing import FUZZED, RAW, require_a_decent_end, require_a_decent_end_of_bytes
from tests.support.services import Member, Region

METHODS: dict[str, type[Message]] = {
    "GiveThanks": pb.GiveThanksRequest,
    "AwardBadge": pb.AwardBadgeRequest,
    "WithdrawRecognition": pb.WithdrawRecognitionRequest,
    "DefineBadge": pb.DefineBadgeRequest,
    "RetireBadge": pb.RetireBadgeRequest,
    "GetRecognition": pb.GetRecognitionRequest,
    "ListRecognitions": pb.ListRecognitionsRequest,
    "GetBadge": pb.GetBadgeRequest,
    "ListBadges": pb.ListBadgesRequest,
    "GetReviewStatement": pb.GetReviewStatementRequest,
}
STREAMS = {"WatchRecognitions"}
SERVICE = "samverka.recognition.v1.RecognitionService"


@pytest.fixture
async def known_ids(maja: Member, anna: Member) -> list[str]:
    hand, thanks = await define(maja), await thank(maja, anna.id)
    return [maja.id, anna.id, hand.id, thanks.id]


def test_no_method_is_forgotten_here() -> None:
    methods = pb.DESCRIPTOR.services_by_name["RecognitionService"].methods
    assert set(METHODS) | STREAMS == {method.name for method in methods}


@pytest.mark.parametrize("method", METHODS)
@FUZZED
@given(data=st.data())
async def test_anything_in_any_field_is_answered_or_refused_by_name(
    region: Region, maja: Member, known_ids: list[str], method: str, data: st.DataObject
) -> None:
    request = data.draw(anything_in(METHODS[method], *known_ids))

    await require_a_decent_end(maja, getattr(region.recognition.recognition, method), request)


@pytest.mark.parametrize("method", METHODS)
async def test_bytes_that_are_no_request_are_refused(region: Region, anna: Member, method: str) -> None:
    for raw in RAW:
        await require_a_decent_end_of_bytes(anna, region.recognition.channel, f"/{SERVICE}/{method}", raw)
