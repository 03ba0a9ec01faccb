-- The last report of each region: when it was made, by its own clock, where it stands in this region's log, and how much of
-- the reporting region's own log it stands on.
create table if not exists reports (
    region text primary key,
    at_ms integer not null,
    sequence integer not null,
    applied integer not null
) without rowid;

-- How far that region had come with each origin then, by the numbering of the origin's own log, and which entry it holds under
-- that number; entry_id is empty where it did not say.
create table if not exists report_positions (
    region text not null,
    origin text not null,
    position integer not null,
    entry_id text not null,
    primary key (region, origin)
) without rowid;

-- The last event, in this region's log, that is not one of the network's own.
create table if not exists content (
    only_row integer primary key check (only_row = 1),
    sequence integer not null
);
insert or ignore into content values (1, 0);

-- Who found that a peer has less of its own events than the finder holds, or that its own log was once another (region and peer
-- are the same): a loss stands until it is mended that far.
create table if not exists lost_tails (
    region text not null,
    peer text not null,
    held integer not null,
    primary key (region, peer)
) without rowid;

create table if not exists mended_logs (
    region text primary key,
    through integer not null
) without rowid;

create table if not exists erasures (
    person text primary key,
    id text not null unique,
    ordered_at_ms integer not null,
    sequence integer not null
) without rowid;

-- Who in this region has said that they have forgotten the person: a service, or the log with the number of events it lost.
create table if not exists erasure_holders (
    person text not null,
    holder text not null,
    events integer not null,
    primary key (person, holder)
) without rowid;

create table if not exists erasure_receipts (
    erasure_id text not null,
    region text not null,
    at_ms integer not null,
    purged_events integer not null,
    primary key (erasure_id, region)
) without rowid;
