"""What follows from a group's registers: whom it lets in, and what it hides; as SQL, the same for every projection.

The tables are those of ``group_registers``, ``groups`` with the column private too, and ``moderation`` (content_id, local,
group_id, hidden). Another rule makes other rows of the same log: then the version of every projection that keeps what
follows from it grows.
"""

from __future__ import annotations

from services.chassis.group_registers import APPROVED, ENDED


def lets_in(group: str, member: str) -> str:
    """Return the SQL for whether the row ``group`` of groups lets in whom the row ``member`` of memberships has join it.

    A join lets somebody in unless the group has ended it or banned them; into a private group, only once the group has
    approved it. The owner is always in.
    """
    state = f"""
        coalesce((
            select admissions.state from admissions
            where admissions.group_id = {member}.group_id and admissions.local = {member}.local
                and admissions.person = {member}.person and admissions.join_id = {member}.join_id
        ), 0)
    """
    return f"""
        ({group}.owner = {member}.person
        or case {group}.private when 1 then {state} = {APPROVED} else {state} != {ENDED} end
            and not exists (
                select 1 from bans
                where bans.group_id = {member}.group_id and bans.local = {member}.local and bans.person = {member}.person
            ))
    """


def hides(group_id: str, content: str) -> str:
    """Return the SQL for whether the group ``group_id``, SQL too, hides the row ``content``: a post or comment of the group.

    It hides what a moderator has hidden, what somebody wrote after the point that their ban names, and, if it is private,
    all that those wrote whom it never let in. Of the row it takes id, local, author and origin_sequence.
    """
    return f"""
        (exists (
            select 1 from moderation
            where moderation.content_id = {content}.id and moderation.local = {content}.local
                and moderation.group_id = {group_id} and moderation.hidden = 1
        ) or exists (
            select 1 from bans
            where bans.group_id = {group_id} and bans.local = {content}.local and bans.person = {content}.author
                and bans.stays_until < {content}.origin_sequence
        ) or exists (
            select 1 from groups
            where groups.id = {group_id} and groups.local = {content}.local and groups.private = 1
                and groups.owner != {content}.author and not exists (
                    select 1 from admissions
                    where admissions.group_id = groups.id and admissions.local = groups.local
                        and admissions.person = {content}.author and admissions.state >= {APPROVED}
                )
        ))
    """
