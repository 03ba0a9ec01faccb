"""Allowances: how often one giver may award a badge in a month."""

from __future__ import annotations

from services.chassis.errors import Exhausted


def require_allowance(awarded: int, monthly_limit: int) -> None:
    """Raise Exhausted if a giver has awarded a badge as often this month as they may; 0 is no limit."""
    if monthly_limit and awarded >= monthly_limit:
        raise Exhausted(
            f"Nobody awards this badge more than {monthly_limit} times a month.",
            code="allowance_spent",
            field="badge_id",
        )
