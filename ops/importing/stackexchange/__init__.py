"""A Stack Exchange community, from its public dump: one XML file a table, one ``<row …/>`` a record.

What becomes of what:

| in the dump | here |
|---|---|
| Users | people, known by ``stackexchange:<community>`` and their user id |
| questions (Posts, type 1) | questions with their title; the tags as #topics below the text |
| answers (Posts, type 2) | answers to their question |
| accepted answers (Posts, AcceptedAnswerId) | accepted by who asked, at the time of the row of Votes about it (type 1) |
| Comments | comments on the question that they stand under, or under an answer to |
| up votes (Votes, type 2) | votes that it was helpful |
| down votes (Votes, type 3) | the reaction 👎 |
| everything else, Badges among it | skipped, counted by reason |

**Badges and the scores of comments** stay behind. Nobody awarded the badges: a program did, for figures, and recognition is
what a person said of another. A comment's score is a column that names neither who gave it nor when: votes for it would have
to be made up whole.

**Owners who are gone.** A record whose owner left the community is written by a person of the name it still carries, or
by one "Former member". The balance says how many such people were made.

**Voters.** The dump does not say who voted, and a person votes only once. The n-th vote on a target therefore comes from
"Voter n" of that community, a person made for it: counts are right, and who voted stays unknown.

**Topics** are what the source has tagged, and nothing else: a hash in a text is escaped, so that it reads the same and
names nothing.

**What is too long** for a question or an answer goes on in comments of the same author and time.

Posts are read three times, since an answer may stand before its question: first the questions go out, then the
answers, and which of them are accepted when the votes have told when.
"""
