"""What has happened since that concerns somebody: given or withdrawn, in the order of arrival."""

from __future__ import annotations

from collections.abc import Collection

import orjson

from samverka.recognition.v1.recognition_views_pb2 import RecognitionUpdate
from services.chassis.store import Connection
from services.recognition.seeing import CONCERNS, VISIBLE
from services.recognition.views import RECOGNITION, recognitions

# By the index of each way in which something concerns the viewer: a cursor may be of long ago.
_GIVEN = f"""
    {RECOGNITION} where item.sequence in (
        select sequence from recognitions where giver = :viewer and sequence > :after
        union
        select sequence from receivers where person = :viewer and sequence > :after
        union
        select sequence from people cross join receivers on receivers.person = people.id
        where manager_id = :viewer and sequence > :after
    ) and {VISIBLE} order by item.sequence limit :most
"""
_WITHDRAWN = f"""
    select withdrawal.sequence, withdrawal.id from withdrawals withdrawal join recognitions item on item.id = withdrawal.id
    where withdrawal.sequence > :after and {CONCERNS} order by withdrawal.sequence limit :most
"""
_CONCERNED = """
    with item as (
        select recognitions.sequence, giver from recognitions where sequence in (select value from json_each(:sequences))
        union
        select recognitions.sequence, giver from withdrawals join recognitions on recognitions.id = withdrawals.id
        where withdrawals.sequence in (select value from json_each(:sequences))
    )
    select giver from item
    union
    select person from item join receivers using (sequence)
    union
    select manager_id from item join receivers using (sequence) join people on people.id = person
"""


def recognitions_since(
    db: Connection, after: int, *, viewer: str, month: int, epoch: str, most: int
) -> list[RecognitionUpdate]:
    """Return at most ``most`` updates that concern the viewer after a sequence."""
    asked = {"after": after, "viewer": viewer, "most": most}
    given = db.execute(_GIVEN, {**asked, "month": month}).fetchall()
    updates = {
        int(str(row[0])): RecognitionUpdate(recognition_id=recognition.id, recognition=recognition)
        for row, recognition in zip(given, recognitions(db, given), strict=True)
    }
    for sequence, recognition_id in db.execute(_WITHDRAWN, asked):
        updates[int(str(sequence))] = RecognitionUpdate(recognition_id=str(recognition_id))
    for sequence, update in updates.items():
        update.cursor = f"{epoch}:{sequence}"
    return [updates[sequence] for sequence in sorted(updates)[:most]]


def concerned(db: Connection, sequences: Collection[int]) -> set[str]:
    """Return whom the events with these sequences concern."""
    rows = db.execute(_CONCERNED, {"sequences": orjson.dumps(list(sequences)).decode()})
    return {str(person) for (person,) in rows}
