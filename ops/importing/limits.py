"""The bounds of an import, named with their units."""

ROW_BYTES_MAX = 2 * 1024 * 1024
"""The longest row of a dump; what is longer is refused."""
READ_BYTES = 64 * 1024

CONCURRENCY_DEFAULT = 16
CONCURRENCY_MAX = 256
WAITING_RECORDS_PER_LANE = 16
"""Records read ahead, for each command in flight."""

CALL_SECONDS_MAX = 15.0
RETRY_DELAY_SECONDS_MIN = 0.1
RETRY_DELAY_SECONDS_MAX = 5.0
RETRY_SECONDS_MAX = 120.0
"""How long a service may be away before the import gives up."""

REFUSALS_LISTED_MAX = 100_000
SCRATCH_CACHE_KIB = 32 * 1024

POST_CHARACTERS_MAX = 20_000
"""Of a post and of an answer, as the feed takes them; what is longer goes on in comments."""
COMMENT_CHARACTERS_MAX = 8_000
HANDLE_CHARACTERS_MIN = 2
HANDLE_CHARACTERS_MAX = 32
TOKEN_MARGIN_SECONDS = 60
"""A token is renewed this long before it ends."""
TOKEN_SECONDS = 3_600
TOKEN_FILE_SECONDS = 30
"""How long the content of a token file is believed to be what the file says."""

PEOPLE_ASKED_AT_ONCE = 30
"""The gateway takes as many aliases."""
ANSWER_SECONDS_MAX = 20.0
ASK_AGAIN_SECONDS = 1.0
ASKED_TIMES_MAX = 60
READ_AGAIN_SECONDS = 2.0
ARRIVES_SECONDS_MAX = 60.0
"""How long what a region has acknowledged may take to be shown in all others."""
DIFFERENCES_LISTED_MAX = 20
