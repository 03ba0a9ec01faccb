"""Posts, comments and reactions, and the pages that people read them in."""
