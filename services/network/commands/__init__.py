"""What the network service is told to do, one file a command."""
