"""Chaos: a real network of real processes, real load, real faults, and a checker that believes nobody.

Several regions are brought up by ``samverka up``. People in all of them write through GraphQL at once, and whatever is
acknowledged is noted in a journal that nobody else writes to. Meanwhile links are cut and left hanging, processes are
killed, a region is cut off until it has a long backlog, another one joins, and the supervisor itself is killed. A seed
decides who writes what and which fault comes when. After the last link is healed all regions have a minute to agree;
then each is asked for everything, and held against the journal.

Nothing here is imported from the rest of the project, which import-linter holds it to: a mistake in code that writer and
checker share would be invisible. What is known of it is what everybody may know: the command line, GraphQL, the layout
of the data directory, and the headers that nats-server itself gives to what it sources.
"""
