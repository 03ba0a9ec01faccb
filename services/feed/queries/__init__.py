"""What the feed is asked: reads of its tables, one file a question."""
