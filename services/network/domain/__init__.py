"""The rules about links, alarms and erasures, without any I/O."""
