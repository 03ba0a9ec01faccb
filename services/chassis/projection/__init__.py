"""Applying the log to a store: every event once, in order, its effect and its position in one transaction.

A projection is a schema and a handler for each payload that it has a use for. What is another service's is passed over.
A kind that this release does not know is skipped and counted, so that regions can be upgraded one at a time; an event that
breaks a rule is refused and counted. The file's name carries the schema's version and the log's epoch: another version or
another life of the log begins another file beside the old one, which is removed once the new one has caught up.

``definition`` is what a service says of its projection, ``progress`` what is kept beside the position, ``applying`` one
batch in its transaction, ``waiting`` those who wait for a position, ``runner`` the whole.
"""

from services.chassis.projection.definition import Handler, Handlers, Projection, Refused
from services.chassis.projection.progress import applied_sequence, digest_projection
from services.chassis.projection.runner import Beside, Listener, ProjectionRunner

__all__ = [
    "Beside",
    "Handler",
    "Handlers",
    "Listener",
    "Projection",
    "ProjectionRunner",
    "Refused",
    "applied_sequence",
    "digest_projection",
]
