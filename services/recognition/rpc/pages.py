"""Reading recognition: one, the pages they come in, a person's statement, and what comes from now on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

from samverka.recognition.v1 import recognition_service_pb2 as pb
from samverka.recognition.v1.recognition_views_pb2 import ReviewStatement
from services.chassis.auth import current_caller
from services.chassis.errors import NotFound
from services.chassis.ids import parse
from services.chassis.paging import parse_cursor
from services.chassis.store import Connection
from services.recognition.domain.statements import parse_period, require_reader
from services.recognition.queries.get_review_statement import get_review_statement, manager_of
from services.recognition.queries.list_recognitions import list_recognitions
from services.recognition.rpc.parts import Context, RpcPart
from services.recognition.views import find_recognition


class PagesRpc(RpcPart):
    """The questions about recognition."""

    async def GetRecognition(self, request: pb.GetRecognitionRequest, context: Context) -> pb.GetRecognitionResponse:
        recognition_id = parse(request.recognition_id, field="recognition_id")
        viewer, month = current_caller().person_id, self._month
        recognition = self._runner.store.read_now(
            lambda db: find_recognition(db, recognition_id, viewer=viewer, month=month)
        )
        if recognition is None:
            raise NotFound("There is no such recognition.", code="recognition_not_found", field="recognition_id")
        return pb.GetRecognitionResponse(recognition=recognition)

    async def ListRecognitions(
        self, request: pb.ListRecognitionsRequest, context: Context
    ) -> pb.ListRecognitionsResponse:
        person_id = parse(request.person_id, field="person_id") if request.person_id else ""
        viewer, month, epoch = current_caller().person_id, self._month, self._runner.position.epoch
        page = self._page(request.first, request.after)
        recognitions = self._runner.store.read_now(
            lambda db: list_recognitions(db, person_id, page, viewer=viewer, month=month, epoch=epoch)
        )
        return pb.ListRecognitionsResponse(recognitions=recognitions)

    async def GetReviewStatement(
        self, request: pb.GetReviewStatementRequest, context: Context
    ) -> pb.GetReviewStatementResponse:
        person_id = parse(request.person_id, field="person_id")
        period = parse_period(request.from_ms, request.to_ms)
        viewer, month, epoch = current_caller().person_id, self._month, self._runner.position.epoch
        page = self._page(request.first, request.after)

        def read(db: Connection) -> ReviewStatement:
            require_reader(viewer, person_id, manager_of(db, person_id))
            return get_review_statement(db, person_id, period, page, viewer=viewer, month=month, epoch=epoch)

        return pb.GetReviewStatementResponse(statement=await self._runner.store.read(read))

    async def WatchRecognitions(
        self, request: pb.WatchRecognitionsRequest, context: Context
    ) -> AsyncIterator[pb.WatchRecognitionsResponse]:
        position = self._runner.position
        after = parse_cursor(request.after, epoch=position.epoch) if request.after else position.sequence
        yield pb.WatchRecognitionsResponse(begins_after=f"{position.epoch}:{after}")
        async with aclosing(self._watch.watch(current_caller().person_id, after=after)) as updates:
            async for update in updates:
                yield pb.WatchRecognitionsResponse(update=update)
