"""The region's log: a port, and the two that stand behind it, JetStream and one in memory."""
