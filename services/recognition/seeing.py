"""Who sees what, as conditions of a statement: nothing is filtered after it was read, so no page tells of it."""

from __future__ import annotations

_TO_VIEWER = """
    exists (
        select 1 from receivers got join people receiver on receiver.id = got.person
        where got.sequence = item.sequence and (got.person = :viewer or receiver.manager_id = :viewer)
    )
"""
_TO_SOMEBODY = """
    exists (
        select 1 from receivers got join people receiver on receiver.id = got.person where got.sequence = item.sequence
    )
"""
CONCERNS = f"((item.giver = :viewer and {_TO_SOMEBODY}) or {_TO_VIEWER})"
"""``item``, a row of ``recognitions``, was given by ``:viewer``, or to them or to somebody whom they lead.

Somebody who is not known here, or no longer, has got nothing: what was given to nobody else is shown to nobody.
"""
VISIBLE = f"item.counts = 1 and ((item.private = 0 and {_TO_SOMEBODY}) or {CONCERNS})"
"""``:viewer`` sees ``item``: it counts, and it is public or concerns them."""
