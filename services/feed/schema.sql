-- Rows are keyed by their reach too: local is 1 where the event never leaves this region. A row follows from events of one
-- reach alone, so what is public is the same in every region, whatever is local beside it.

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

-- sequence: where the post arrived in this region's log; lists are ordered by it. origin_sequence: where in its author's.
-- group_id: null outside groups. kind: a PostKind. topics: those that its text names, a JSON array. chosen: the answer that its
-- author accepted; empty: none.
-- The rest is derived. hidden: by its group. open: whether more than its group's members may see it; not before it is known that
-- the group is public. comment_count, answer_count: of what is shown below it. accepted: the answer that is; empty: none.
-- reactions: a JSON object from emoji to count, kept with each reaction, so that a page needs no grouping.
create table if not exists posts (
    sequence integer primary key,
    id text not null,
    local integer not null,
    origin_sequence integer not null,
    author text not null,
    group_id text,
    kind integer not null,
    title text not null,
    body text not null,
    topics text not null,
    chosen text not null,
    created_at_ms integer not null,
    edited_at_ms integer not null,
    deleted integer not null,
    hidden integer not null,
    open integer not null,
    comment_count integer not null,
    answer_count integer not null,
    accepted text not null,
    helpful_count integer not null,
    reactions text not null,
    unique (id, local)
);
-- Of a condition of more than two terms SQLite sees that the index covers them only where they are nested.
create index if not exists posts_by_arrival on posts (sequence, author, open, group_id, local, kind)
    where deleted = 0 and hidden = 0;
create index if not exists posts_by_author on posts (author, sequence) where open = 1 and (deleted = 0 and hidden = 0);
create index if not exists posts_by_group on posts (group_id, local, sequence)
    where group_id is not null and (deleted = 0 and hidden = 0);
create index if not exists posts_of_group on posts (group_id, local, author, sequence) where group_id is not null;

-- answer: its author means it to answer the question above it.
create table if not exists comments (
    sequence integer primary key,
    id text not null,
    local integer not null,
    origin_sequence integer not null,
    post_id text not null,
    author text not null,
    body text not null,
    answer integer not null,
    created_at_ms integer not null,
    deleted integer not null,
    hidden integer not null,
    helpful_count integer not null,
    reactions text not null,
    unique (id, local)
);
create index if not exists comments_by_post on comments (post_id, local, sequence) where deleted = 0;
create index if not exists comments_by_author on comments (author, post_id, local) where deleted = 0;

-- Each question that is not hidden, in each list that it is in: of a group, or of what is open to all where group_id is empty; of
-- a topic, or of all where that is empty. state: 0 without an answer, 1 with none accepted, 2 with one. Derived.
create table if not exists question_lists (
    group_id text not null,
    local integer not null,
    topic text not null,
    state integer not null,
    sequence integer not null,
    primary key (group_id, local, topic, state, sequence)
) without rowid;
create index if not exists question_lists_by_post on question_lists (sequence);

-- Whom each post and, where comment is 1, each comment names. post_id: the comment's, or the post itself. audience: who may be told, the members of a group
-- or, where it is empty, everybody; null: nobody, as long as it is not shown. Derived.
create table if not exists mentions (
    region text not null,
    handle text not null,
    content_id text not null,
    local integer not null,
    comment integer not null,
    post_id text not null,
    audience text,
    sequence integer not null,
    primary key (region, handle, content_id, local, comment)
) without rowid;
create index if not exists mentions_by_audience on mentions (region, handle, audience, local, sequence);
create index if not exists mentions_by_post on mentions (post_id, local);
create index if not exists mentions_by_content on mentions (content_id, local, comment);

-- The register of whom a post or a comment has helped, as they say; that it has helped its own author counts for nothing.
create table if not exists helpful (
    target_id text not null,
    local integer not null,
    person text not null,
    primary key (target_id, local, person)
) without rowid;

-- The group's register of which answers are accepted, whatever the questions' authors say; comment_id is empty for none.
create table if not exists answer_rulings (
    post_id text not null,
    local integer not null,
    group_id text not null,
    comment_id text not null,
    primary key (post_id, local, group_id)
) without rowid;

create table if not exists reactions (
    target_id text not null,
    local integer not null,
    person text not null,
    emoji text not null,
    primary key (target_id, local, person, emoji)
) without rowid;

-- private: for members alone, for good. member_count: derived from memberships.
create table if not exists groups (
    sequence integer primary key,
    id text not null,
    local integer not null,
    owner text not null,
    name text not null,
    about text not null,
    private integer not null,
    created_at_ms integer not null,
    member_count integer not null,
    unique (id, local)
);
create index if not exists groups_open on groups (sequence) where private = 0;

-- The register of each member: the join that they have not left, named by the event that began it. It may come before the group.
-- sequence: where it arrived. active: whether it lets them in; derived from the group's registers.
create table if not exists memberships (
    group_id text not null,
    local integer not null,
    person text not null,
    join_id text not null,
    sequence integer not null,
    active integer not null,
    primary key (group_id, local, person)
) without rowid;
create index if not exists memberships_of_group on memberships (group_id, local, active, sequence);
create index if not exists memberships_by_person on memberships (person, active, group_id, local);

-- The register of each moderator: what they want to be decided. home: the group's region. decided: derived from outcomes.
create table if not exists moderation_requests (
    sequence integer primary key,
    id text not null,
    local integer not null,
    person text not null,
    group_id text not null,
    home text not null,
    content_id text not null,
    action integer not null,
    reason text not null,
    about_person text not null,
    join_id text not null,
    answer_id text not null,
    decided integer not null,
    unique (id, local)
);
create index if not exists moderation_requests_pending on moderation_requests (home, sequence) where decided = 0;

-- The group's register of what became of each request; declined_reason is empty where it was granted.
create table if not exists moderation_outcomes (
    group_id text not null,
    local integer not null,
    request_id text not null,
    declined_reason text not null,
    primary key (group_id, local, request_id)
) without rowid;

-- The group's register of what it hides; it takes effect on content that belongs to the group, once that is here.
create table if not exists moderation (
    content_id text not null,
    local integer not null,
    group_id text not null,
    hidden integer not null,
    request_id text not null,
    primary key (content_id, local, group_id)
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

-- What the feed needs of badges: whose awards it shows. awarders: a JSON list of ids.
create table if not exists badges (
    id text primary key,
    region text not null,
    kind integer not null,
    monthly_limit integer not null,
    awarders text not null
) without rowid;

-- The register of each giver: thanks and awards, shown as posts of kind praise as far as they are public and count. badge_id is
-- null for thanks; receivers: a JSON list of ids. nth: of its giver, badge and month in the giver's order, withdrawn ones too.
create table if not exists praises (
    sequence integer primary key,
    id text not null unique,
    origin text not null,
    origin_sequence integer not null,
    giver text not null,
    receivers text not null,
    badge_id text,
    message text not null,
    private integer not null,
    given_at_ms integer not null,
    month integer not null,
    nth integer not null,
    withdrawn integer not null
);
create index if not exists praises_by_allowance on praises (giver, badge_id, month);
create index if not exists praises_by_badge on praises (badge_id) where badge_id is not null;

-- Derived: who got what is public, whoever reads of whom finds it by that.
create table if not exists praised (
    person text not null,
    sequence integer not null,
    primary key (person, sequence)
) without rowid;
create index if not exists praised_by_sequence on praised (sequence);
