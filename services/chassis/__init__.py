"""What every service stands on: the log, the store, the projection runner, and the server around them.

A service is a set of projections and commands around one log. The log (``eventlog``) is the truth: JetStream keeps it,
orders it and carries it between regions. A ``store`` is an SQLite file made from the log by the ``projection`` runner;
losing it costs a replay. A command is decided from the store (``deciding``), appended to the log on condition that the
register it stands on has not moved, and answered once the projection shows it.

The modules stand on each other in one order, lowest first: cancelling, errors, clock, ids, limits, text, payloads, envelope,
settings, logs, telemetry, auth, store, eventlog, paging, origins, receipts, trust, erasing, projection, deciding, health,
interceptors, channels, server, node, foundation.
``.importlinter`` keeps it.
"""
