"""Bringing a community in from elsewhere, through the same public gRPC API that everybody else uses.

An import reads one record after another, turns each into a command and sends it with the role ``importer``, on behalf
of its author and with the time at which it first happened. Three things make it safe to kill at any record and run again:

- every command's idempotency key follows from the source record (``stackexchange:beer:post:123``), so that the service
  answers a repeat with what is there;
- nothing is kept between two runs: what a run has to remember (which post became which) comes from the replies, lies in
  a scratch database that goes with the process, and can therefore never be ahead of what the region acknowledged;
- a record is counted when it is read and again when its fate is known, and both must agree at the end.

``command`` is the command line, ``endpoints`` finds the region, ``client`` sends, ``lanes`` keeps one author's records
in order, ``scratch`` remembers, ``balance`` counts, ``report`` and ``progress`` show; a folder for each kind of source.
"""
