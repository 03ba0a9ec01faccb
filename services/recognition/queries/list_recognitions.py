"""What people were recognised for, latest arrival first: everybody, or one person."""

from __future__ import annotations

from samverka.recognition.v1.recognition_views_pb2 import RecognitionConnection
from services.chassis.paging import PageRequest
from services.chassis.store import Connection
from services.recognition.seeing import VISIBLE
from services.recognition.views import LAST, RECOGNITION, recognition_page

_ALL = f"""
    {RECOGNITION} where item.sequence < :before and {VISIBLE} order by item.sequence desc limit :most
"""
_GIVEN = "select sequence from recognitions where giver = :person and sequence < :before"
# Of somebody who is known here: what the erased got is shown to nobody as theirs.
_GOT = """
    select sequence from people cross join receivers on person = people.id
    where people.id = :person and sequence < :before
"""
_OF_PERSON = f"""
    {RECOGNITION} where item.sequence in ({_GIVEN} union {_GOT}) and {VISIBLE} order by item.sequence desc limit :most
"""


def list_recognitions(
    db: Connection, person_id: str, page: PageRequest, *, viewer: str, month: int, epoch: str
) -> RecognitionConnection:
    """Return a page of what the viewer sees; ``person_id`` is empty for everybody's, or who gave or got it."""
    asked = {
        "before": LAST if page.after is None else page.after,
        "most": page.first + 1,
        "viewer": viewer,
        "month": month,
    }
    if person_id:
        rows = db.execute(_OF_PERSON, {**asked, "person": person_id}).fetchall()
    else:
        rows = db.execute(_ALL, asked).fetchall()
    return recognition_page(db, rows, first=page.first, after=page.after, epoch=epoch)
