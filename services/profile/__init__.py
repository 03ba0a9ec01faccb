"""People: who they are and whom they follow."""
