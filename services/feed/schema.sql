-- A table of the feed's own for what it shows of people; the profile service holds the rest.
create table if not exists people (
    id text primary key,
    handle text not null,
    name text not null,
    region text not null
) without rowid;

-- Whose posts come into whose home feed: everybody's own, and those of the people they follow.
create table if not exists home_sources (
    reader text not null,
    author text not null,
    primary key (reader, author)
) without rowid;
create index if not exists home_sources_by_author on home_sources (author);

-- sequence: where the post arrived in this region's log; lists are ordered by it.
-- reactions: a JSON object from emoji to count, kept with each reaction, so that a page needs no grouping.
create table if not exists posts (
    sequence integer primary key,
    id text not null unique,
    author text not null,
    body text not null,
    created_at_ms integer not null,
    edited_at_ms integer not null,
    deleted integer not null,
    comment_count integer not null,
    reactions text not null
);
create index if not exists posts_by_arrival on posts (sequence, author) where deleted = 0;
create index if not exists posts_by_author on posts (author, sequence) where deleted = 0;

create table if not exists comments (
    sequence integer primary key,
    id text not null unique,
    post_id text not null,
    author text not null,
    body text not null,
    created_at_ms integer not null,
    deleted integer not null,
    reactions text not null
);
create index if not exists comments_by_post on comments (post_id, sequence) where deleted = 0;

create table if not exists reactions (
    target_id text not null,
    person text not null,
    emoji text not null,
    primary key (target_id, person, emoji)
) without rowid;

-- The latest reports of the other regions, by which an author sees where a post has arrived: position is how far the region had
-- come with the origin, by the numbering of the origin's own log.
create table if not exists peer_positions (
    region text not null,
    origin text not null,
    position integer not null,
    at_ms integer not null,
    primary key (region, origin, position)
) without rowid;
