"""What the recognition service is asked: reads of its tables, one file a question."""
