-- Rows are keyed by their reach too: local is 1 where the event never leaves this region.

-- All that can be found. sequence: where it arrived in this region's log; the index and the cursors know it by that.
-- origin_sequence: where in its author's. kind: a HitKind: post, comment, person or group. question: of a post; answer: of a
-- comment, as its author means it. praise: of a post that shows a gift; derived, and there as long as that is shown. author: whose it is; a group's founder, a person themselves. group_id: what a post stands in;
-- null: nothing. post_id: what a comment stands below.
-- called: what filters call it: a person's handle, a group's name with its marks and spaces made alike; empty for the rest.
-- changed: the last sequence that may have changed what is found of it; the index is made of what changed since it was.
create table if not exists documents (
    sequence integer primary key,
    origin_sequence integer not null,
    kind integer not null,
    id text not null,
    local integer not null,
    author text not null,
    group_id text,
    post_id text,
    question integer not null,
    answer integer not null,
    praise integer not null,
    called text not null,
    title text not null,
    body text not null,
    created_at_ms integer not null,
    deleted integer not null,
    changed integer not null,
    unique (id, local, kind)
);
create index if not exists documents_by_change on documents (changed);
create index if not exists documents_by_author on documents (author);
create index if not exists documents_by_group on documents (group_id, local) where group_id is not null;
create index if not exists documents_by_post on documents (post_id, local) where post_id is not null;
create index if not exists documents_by_call on documents (called) where called != '';

-- What was erased, and praise that is shown no more, and so has no row any more that could say when it changed.
create table if not exists removals (
    sequence integer primary key,
    changed integer not null
);
create index if not exists removals_by_change on removals (changed);

-- private: for members alone, for good.
create table if not exists groups (
    id text not null,
    local integer not null,
    owner text not null,
    private integer not null,
    primary key (id, local)
) without rowid;

-- The register of each member: the join that they have not left, named by the event that began it. It may come before the group.
create table if not exists memberships (
    group_id text not null,
    local integer not null,
    person text not null,
    join_id text not null,
    primary key (group_id, local, person)
) without rowid;
create index if not exists memberships_by_person on memberships (person);

-- The group's register of which requests it has decided on: each once.
create table if not exists decisions (
    group_id text not null,
    local integer not null,
    request_id text not null,
    primary key (group_id, local, request_id)
) without rowid;

-- The group's register of what it hides; it takes effect on content that belongs to the group, once that is here.
create table if not exists moderation (
    content_id text not null,
    local integer not null,
    group_id text not null,
    hidden integer not null,
    primary key (content_id, local, group_id)
) without rowid;

-- When each person works, by their own profile. time_zone: by its name, which this region may not know; empty: not told.
-- working_hours: a JSON list of spans of weekdays, as services/chassis/working_week.py has them.
create table if not exists people (
    id text primary key,
    time_zone text not null,
    working_hours text not null
) without rowid;

-- The register of whom a post or a comment has helped, and since when.
create table if not exists helpful (
    target_id text not null,
    local integer not null,
    person text not null,
    at_ms integer not null,
    primary key (target_id, local, person)
) without rowid;

-- The register of each asker: which answer they accept, and since when.
create table if not exists acceptances (
    post_id text not null,
    local integer not null,
    person text not null,
    comment_id text not null,
    at_ms integer not null,
    primary key (post_id, local)
) without rowid;

-- The group's register of which answers are accepted, whatever the questions' authors say; comment_id is empty for none.
create table if not exists answer_rulings (
    post_id text not null,
    local integer not null,
    group_id text not null,
    comment_id text not null,
    at_ms integer not null,
    primary key (post_id, local, group_id)
) without rowid;

-- Badges, by which awards count: awarders is a JSON list of ids.
create table if not exists badges (
    id text primary key,
    region text not null,
    name text not null,
    criteria text not null,
    kind integer not null,
    value text not null,
    monthly_limit integer not null,
    awarders text not null
) without rowid;

-- The register of each giver: thanks, whose badge_id is null, and awards. Of what is private or withdrawn it is kept alone that it was
-- given: it is one of its month's. receivers: a JSON list of ids. nth: of its giver, badge and month in the giver's order.
-- Derived. counts: it is public, not withdrawn, and its badge is here and lets it.
create table if not exists gifts (
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
create index if not exists gifts_by_allowance on gifts (giver, badge_id, month);
create index if not exists gifts_by_badge on gifts (badge_id) where badge_id is not null;

-- Who got what is public.
create table if not exists received (
    person text not null,
    sequence integer not null,
    primary key (person, sequence)
) without rowid;
create index if not exists received_by_sequence on received (sequence);

-- Documents with the post above them, and the group that they stand in or are.
create view if not exists placed as
select d.*, above.sequence as above, above.deleted as above_deleted, above.question as above_question,
    case d.kind when 4 then d.id else coalesce(d.group_id, above.group_id) end as inside
from documents d left join documents above on above.id = d.post_id and above.local = d.local and above.kind = 1;

-- What its group hides. A word with a dollar stands for a rule that all services share: services/chassis/group_rules.py has its SQL.
create view if not exists hidden as
select p.sequence from placed p where p.kind in (1, 2) and p.inside is not null and $hides;

-- Whom their join lets in.
create view if not exists members as
select m.person, m.group_id, m.local, g.private
from memberships m join groups g on g.id = m.group_id and g.local = m.local where $lets_in;

-- What can be found now, how (a HitKind), and by whom: everybody, or the members of a group, of which one that is not known yet has
-- none.
create view if not exists findable as
select p.sequence, p.kind, p.id, p.local, p.author, p.called, p.title, p.body, p.created_at_ms, p.post_id, p.changed,
    p.inside as group_id,
    case when p.praise = 1 then 7 when p.question = 1 then 5 when p.answer = 1 and p.above_question = 1 then 6 else p.kind end as hit,
    case when p.inside is null or g.private = 0 then 'public' else 'group:' || p.inside || ':' || p.local end as audience
from placed p left join groups g on g.id = p.inside and g.local = p.local
where p.deleted = 0 and not exists (select 1 from hidden h where h.sequence = p.sequence)
    and (p.post_id is null or (p.above_deleted = 0 and not exists (select 1 from hidden h where h.sequence = p.above)));

-- Answers that can be found, and since when each is accepted: by the group that the question stands in or, as long as it has not ruled,
-- by who asked; null: it is not, or only by who wrote it.
create view if not exists answers as
select f.sequence, f.id, f.local, f.author, f.post_id, f.group_id, f.audience, f.created_at_ms, f.body,
    case
        when r.post_id is not null then case r.comment_id when f.id then r.at_ms end
        when c.comment_id = f.id and c.person != f.author then c.at_ms
    end as accepted_at_ms
from findable f
left join answer_rulings r on r.post_id = f.post_id and r.local = f.local and r.group_id = f.group_id
left join acceptances c on c.post_id = f.post_id and c.local = f.local
where f.hit = 6;
