"""What the feed is told to do, one file a command."""
