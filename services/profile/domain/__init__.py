"""The rules about people, without any I/O."""
