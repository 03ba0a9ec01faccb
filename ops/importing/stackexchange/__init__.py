"""A Stack Exchange community, from its public dump: one XML file a table, one ``<row …/>`` a record.

What becomes of what:

| in the dump | here |
|---|---|
| Users | people, known by ``stackexchange:<community>`` and their user id |
| questions (Posts, type 1) | posts: the title as heading, the body, the tags as #topics |
| answers (Posts, type 2) | comments on their question's post |
| Comments | comments on the post of the question that they stand under |
| up and down votes (Votes, types 2 and 3) | the reactions 👍 and 👎 |
| everything else | skipped, counted by reason |

**Owners who are gone.** A record whose owner left the community is written by a person of the name it still carries, or
by one "Former member". The balance says how many such people were made.

**Voters.** The dump does not say who voted, and a person can react only once with one emoji. The n-th vote on a target
therefore comes from "Voter n" of that community, a person made for it: counts are right, and who voted stays unknown.

Posts are read twice, since an answer may stand before its question: first the questions go out, then the answers.
"""
