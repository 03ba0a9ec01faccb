"""The services of a node, and the chassis that they stand on."""
