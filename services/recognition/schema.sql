-- A table of this service's own for what it shows of people, and who leads whom; the profile service holds the rest.
create table if not exists people (
    id text primary key,
    handle text not null,
    name text not null,
    region text not null,
    manager_id text not null
) without rowid;
create index if not exists people_by_manager on people (manager_id);

-- sequence: where it arrived in this region's log; lists are ordered by it. awarders: a JSON list of ids.
create table if not exists badges (
    sequence integer primary key,
    id text not null unique,
    region text not null,
    name text not null,
    criteria text not null,
    kind integer not null,
    value text not null,
    monthly_limit integer not null,
    awarders text not null,
    retired integer not null
);

-- Thanks and awards. badge_id is null for thanks. receivers: a JSON list of ids in the order in which they were named.
-- month: year * 100 + month of given_at_ms in UTC. nth: of its giver, badge and month in the giver's order, withdrawn ones too.
-- counts: derived: it is not withdrawn and, if it is an award, its badge is here and lets it.
create table if not exists recognitions (
    sequence integer primary key,
    id text not null unique,
    origin text not null,
    giver text not null,
    receivers text not null,
    badge_id text,
    message text not null,
    value text not null,
    private integer not null,
    given_at_ms integer not null,
    month integer not null,
    nth integer not null,
    withdrawn integer not null,
    counts integer not null
);
create index if not exists recognitions_by_arrival on recognitions (sequence) where counts = 1;
create index if not exists recognitions_by_giver on recognitions (giver, sequence);
create index if not exists recognitions_by_allowance on recognitions (giver, badge_id, month) where badge_id is not null;
create index if not exists recognitions_by_badge on recognitions (badge_id) where badge_id is not null;

-- Derived: who got what. sequence: of the recognition.
create table if not exists receivers (
    person text not null,
    sequence integer not null,
    primary key (person, sequence)
) without rowid;
create index if not exists receivers_by_sequence on receivers (sequence);

-- Where in this region's log something was withdrawn, for those who watch.
create table if not exists withdrawals (
    sequence integer primary key,
    id text not null unique
);
