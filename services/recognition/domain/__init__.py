"""The rules about recognition, without any I/O."""
