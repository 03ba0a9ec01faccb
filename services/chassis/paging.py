"""Pages: how many items, after which one. A cursor is a position in the log, so it never skips and never repeats."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis import limits
from services.chassis.errors import Invalid
from services.chassis.eventlog.port import Position


@dataclass(frozen=True, slots=True)
class PageRequest:
    """``first`` items whose sequence lies beyond ``after``; None: from the beginning of the list."""

    first: int
    after: int | None


def parse_page(*, first: int, after: str, epoch: str) -> PageRequest:
    """Return the page that was asked for; 0 items is the default number. Raises Invalid."""
    return PageRequest(parse_page_size(first), parse_cursor(after, epoch=epoch) if after else None)


def parse_page_size(first: int) -> int:
    """Return how many items were asked for; 0 is the default number. Raises Invalid."""
    if not 0 <= first <= limits.PAGE_ITEMS_MAX:
        raise Invalid(f"A page has 1 to {limits.PAGE_ITEMS_MAX} items.", code="page_size", field="first")
    return first or limits.PAGE_ITEMS_DEFAULT


def parse_cursor(cursor: str, *, epoch: str) -> int:
    """Return the sequence that a cursor stands for. Raises Invalid, also for a cursor of an earlier life of the log."""
    try:
        position = Position.parse(cursor)
    except Invalid as error:
        raise Invalid("That is not a cursor.", code="malformed_cursor", field="after") from error
    if position.epoch != epoch:
        raise Invalid("The list was made anew since; begin at its start.", code="expired_cursor", field="after")
    if position.sequence >= 2**63:
        raise Invalid("That is not a cursor.", code="malformed_cursor", field="after")
    return position.sequence
