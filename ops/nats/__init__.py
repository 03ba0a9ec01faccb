"""One region's nats-server: its program, the keys of its users, its configuration, and making it read it again.

Whose files go where is known in ops.network and ops.up; here a path, an address and a key are what one is told.
"""
