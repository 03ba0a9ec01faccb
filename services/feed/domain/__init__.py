"""The rules about posts, comments and reactions, without any I/O."""
