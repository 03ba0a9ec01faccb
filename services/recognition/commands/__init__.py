"""What the recognition service is told to do, one file a command."""
