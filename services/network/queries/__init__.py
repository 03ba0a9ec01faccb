"""What the network service is asked: reads of its tables and of what it knows of its links, one file a question."""
