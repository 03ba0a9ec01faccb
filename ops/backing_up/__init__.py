"""Copies of a region's log that its servers cannot touch: taken while it runs, checked by restoring them, put back."""
