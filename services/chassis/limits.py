"""The bounds that hold in every service, named with their units. A service's own stand in its domain."""

PAGE_ITEMS_DEFAULT = 20
PAGE_ITEMS_MAX = 100

IDEMPOTENCY_KEY_CHARACTERS_MAX = 128
RECEIPT_KEPT_HOURS = 24
"""How long a command's idempotency key is remembered; what a command creates is protected for ever by its derived id."""

TEXT_CHARACTERS_MAX = 20_000
"""The longest text that people may write: a post."""

EVENT_BYTES_MAX = 256 * 1024
REQUEST_BYTES_MAX = 512 * 1024
RESPONSE_BYTES_MAX = 8 * 1024 * 1024

APPLY_EVENTS_MAX = 2_000
"""Events in one transaction of a projection; a thousand cost a fifth more CPU, four thousand as much."""
FOLLOW_EVENTS_MAX = 4_000
"""Events that a follower asks the log for ahead of what it has applied."""

REFUSALS_KEPT_MAX = 1_000
"""Kinds of refused events (by origin, actor and reason) that the ledger tells apart."""

LOG_OPEN_SECONDS_MAX = 30.0
"""How long a service that starts waits for the log."""
APPEND_ATTEMPTS_MAX = 5
APPEND_TIMEOUT_SECONDS = 2.0
DECIDE_ATTEMPTS_MAX = 16
CATCH_UP_SECONDS_MAX = 2.0
"""How long a query waits for the position that its caller has seen."""
COMMAND_SECONDS_MAX = 10.0
COMMANDS_WAITING_MAX = 1_000
"""Commands that wait for one register in one replica."""

POLICY_LOOK_SECONDS = 5.0
"""How often a policy looks at what is pending where nothing has told it to."""
POLICY_ROUND_ITEMS_MAX = 32
"""What one round of a policy carries out, side by side."""
POLICY_DELAY_SECONDS = 1.0
POLICY_DELAY_SECONDS_MAX = 60.0
"""After a failure the delay doubles, from the first to the second."""
POLICY_FAILURES_REMEMBERED_MAX = 10_000

READERS = 4
QUERY_SECONDS_MAX = 5.0

READY_LAG_EVENTS_MAX = 1_000
DRAIN_SECONDS = 10.0
CONNECTION_AGE_SECONDS = 300
CONNECTION_AGE_GRACE_SECONDS = 30

WATCHERS_MAX = 10_000
WATCHED_ITEMS_MAX = 100
"""New items that one wake-up of a watcher reads."""
