"""The operator's command line: brings a network of regions up on one machine, and shows how it does."""
