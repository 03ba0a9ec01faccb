"""What must be so. A rule is given one rendered overlay and yields what is wrong with it, in words."""
