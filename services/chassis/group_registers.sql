-- What a group's own register says of people, as group_registers.py reads and writes it, in each service that has to know.

-- The group's register of what became of joins; state: how far one has come, as group_registers.py has it.
create table if not exists admissions (
    group_id text not null,
    local integer not null,
    person text not null,
    join_id text not null,
    state integer not null,
    primary key (group_id, local, person, join_id)
) without rowid;

-- The group's register of whom it has banned. stays_until: the last sequence of their origin's log of what they wrote that stays.
create table if not exists bans (
    group_id text not null,
    local integer not null,
    person text not null,
    stays_until integer not null,
    primary key (group_id, local, person)
) without rowid;

-- The group's register of whom its owner gave which role; it holds while they are members.
create table if not exists roles (
    group_id text not null,
    local integer not null,
    person text not null,
    role integer not null,
    primary key (group_id, local, person)
) without rowid;
