"""The search service: an index of all that may be found in a region, and who may find it."""
