"""Recognition: thanks, badges, and what a person was recognised for."""
