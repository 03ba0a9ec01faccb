"""What search finds, held against what people judged: test collections and communities that are read from a path."""
