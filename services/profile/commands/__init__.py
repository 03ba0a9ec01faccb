"""What the profile service is told to do, one file a command."""
