"""The recognition service over gRPC: requests are parsed here, carried out below, and answered with what is shown.

One file a topic, each a part of the servicer; ``parts`` has what all of them need.
"""

from __future__ import annotations

from samverka.recognition.v1.recognition_service_pb2_grpc import RecognitionServiceServicer
from services.recognition.rpc.badges import BadgesRpc
from services.recognition.rpc.gifts import GiftsRpc
from services.recognition.rpc.pages import PagesRpc


class RecognitionRpc(GiftsRpc, BadgesRpc, PagesRpc, RecognitionServiceServicer):
    """What integrators and the gateway call."""
