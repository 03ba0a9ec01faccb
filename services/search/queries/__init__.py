"""The questions that the search service answers, one file each."""
