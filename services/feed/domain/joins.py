"""How far a join has come in the register of its group. One that has come further never goes back."""

from __future__ import annotations

DECLINED = 1
"""It does not let in, unless it is approved later."""
APPROVED = 2
"""It lets in; from here on it has let in."""
ENDED = 3
"""It lets in no more, for good."""
