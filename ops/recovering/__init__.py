"""Mending the log of a region that lost its end.

What an origin lost stands in its peers' logs still, under the numbers that it had. Since then the origin may have used these
numbers again, and a peer passes over what comes under a number that it has. So the log goes on behind every number
that anybody has seen: first what was lost, as the peers hold it, then what the region wrote since, each with its own id,
and then under a new epoch. ``held`` brings what a peer holds in a file, ``tail`` says what must stand at the end, ``plan``
keeps that before anything is touched, ``mending`` carries it out and can be repeated after it was killed at any point.
"""
