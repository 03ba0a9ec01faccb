-- working_hours: a JSON list of [weekday, start minute, end minute]; a projection holds what the time zone is called, not what it means.
create table if not exists people (
    id text primary key,
    handle text not null,
    region text not null,
    name text not null,
    title text not null,
    about text not null,
    manager_id text not null,
    time_zone text not null,
    working_hours text not null,
    joined_at_ms integer not null,
    follower_count integer not null,
    following_count integer not null
) without rowid;
create unique index if not exists people_by_handle on people (region, handle);

create table if not exists follows (
    follower text not null,
    followed text not null,
    primary key (follower, followed)
) without rowid;
create index if not exists follows_by_followed on follows (followed);
