"""The demo's people and what they write: made up for this project, about the kind of work that it is made for.

Everything refers to what stands above it by its key, so that it can be loaded from top to bottom.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the demo; ``follows`` are handles."""

    handle: str
    name: str
    title: str
    about: str
    follows: Sequence[str]
    roles: Sequence[str] = ("member",)


@dataclass(frozen=True, slots=True)
class Comment:
    """``reactions`` maps an emoji to the handles of those who give it."""

    key: str
    author: str
    body: str
    reactions: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Thanks:
    """Thanks, or the award of a badge; ``receivers`` are handles."""

    key: str
    giver: str
    receivers: Sequence[str]
    message: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Badge:
    """A badge, and to whom it was awarded."""

    key: str
    definer: str
    name: str
    criteria: str
    monthly_limit: int
    awards: Sequence[Thanks]


@dataclass(frozen=True, slots=True)
class Post:
    """A post with what others did about it."""

    key: str
    author: str
    body: str
    comments: Sequence[Comment] = ()
    reactions: Mapping[str, Sequence[str]] = field(default_factory=dict)


PEOPLE: Sequence[Person] = (
    Person(
        "maja",
        "Maja Lindqvist",
        "Platform engineer, Stockholm",
        "Keeps the build machines honest. Ask me about slow tests and about sourdough.",
        ("kenji", "aisha", "tomas", "lucia"),
    ),
    Person(
        "kenji",
        "Kenji Watanabe",
        "Support lead, Tokyo",
        "Eleven years with customers in Japan and Korea. Mornings in Tokyo are your late evenings.",
        ("maja", "aisha", "ingrid"),
    ),
    Person(
        "aisha",
        "Aisha Okonkwo",
        "Product manager, Lagos",
        "I look after the billing product. I collect stories of invoices that went wrong.",
        ("maja", "kenji", "lucia", "ingrid"),
    ),
    Person(
        "tomas",
        "Tomás Ferreira",
        "Field technician, Lisbon",
        "On the road with a van full of sensors. Phone signal permitting.",
        ("maja", "ingrid"),
    ),
    Person(
        "lucia",
        "Lucía Romero",
        "Designer, Buenos Aires",
        "Forms, tables and other things that people swear at. I test with five people every other Thursday.",
        ("aisha", "maja", "kenji"),
    ),
    Person(
        "ingrid",
        "Ingrid Hauge",
        "Office and community, Oslo",
        "New here? Write to me, I know who knows.",
        ("maja", "kenji", "aisha", "tomas", "lucia"),
        roles=("member", "community_manager"),
    ),
)

POSTS: Sequence[Post] = (
    Post(
        "welcome",
        "ingrid",
        "Good morning, everyone! This is the place for questions that you would otherwise ask across the desk. "
        "If you do not know whom to ask, ask here and mention the office you are in.",
        comments=(
            Comment("welcome-1", "tomas", "Lisbon here. Finally a place that is not seven mail threads."),
            Comment("welcome-2", "kenji", "Good evening from Tokyo. I will read along in my mornings."),
        ),
        reactions={"👋": ("maja", "kenji", "aisha", "tomas", "lucia")},
    ),
    Post(
        "slow-tests",
        "maja",
        "The nightly tests went from 41 to 12 minutes. Two things did it:\n\n"
        "1. One database for each worker instead of one for all.\n"
        "2. Nobody sleeps in a test any more: we wait for the thing itself.\n\n"
        "If your project is still slow, I have Thursday afternoon free to look at it together.",
        comments=(
            Comment("slow-tests-1", "aisha", "The billing tests would love a visit. Thursday at 14 Lagos time?"),
            Comment("slow-tests-2", "maja", "14 in Lagos is 14 in Stockholm in winter. Booked!", {"🎉": ("aisha",)}),
        ),
        reactions={"🎉": ("kenji", "aisha", "ingrid"), "❤️": ("lucia",)},
    ),
    Post(
        "time-zones",
        "kenji",
        "A customer asked why their report says Monday when it was Tuesday in Osaka. Our reports end the "
        "day at midnight UTC. "
        "Does anybody know where that is decided, and whether a customer can change it?",
        comments=(
            Comment(
                "time-zones-1",
                "aisha",
                "It is set for each account, but only support staff can see the field. I will open it up in March.",
            ),
            Comment(
                "time-zones-2",
                "kenji",
                "Found it under *Account → Reporting day*. Thank you, that is one happy customer.",
                {"👍": ("aisha", "maja")},
            ),
        ),
        reactions={"👀": ("maja",)},
    ),
    Post(
        "sensors-cold",
        "tomas",
        "Note for everybody who installs outdoors: the new humidity sensors read 8 % too high below 3 °C "
        "for about ten minutes after power-on. "
        "Let them settle before you write down the first value.",
        comments=(
            Comment("sensors-cold-1", "ingrid", "Is that in the installation guide? Oslo is below 3 °C until April."),
        ),
        reactions={"🙏": ("ingrid", "maja")},
    ),
    Post(
        "invoice-form",
        "lucia",
        "I watched five people fill in the invoice form yesterday. Four of them looked for the *save* "
        "button at the top, and the fifth asked a colleague. "
        "The sketch for the next version has one button, and it stays in view.",
        comments=(
            Comment(
                "invoice-form-1",
                "aisha",
                "Can we show the total beside the button too? People scroll back up to check it.",
            ),
            Comment("invoice-form-2", "lucia", "Yes, good idea. New sketch tomorrow.", {"❤️": ("aisha",)}),
        ),
        reactions={"👍": ("aisha", "kenji", "maja")},
    ),
    Post(
        "handover",
        "kenji",
        "How do you hand over an open customer case at the end of your day? We write three lines: what "
        "they want, what we tried, what we promised. "
        "It takes four minutes and saves the next office about half an hour.",
        comments=(Comment("handover-1", "maja", "Stealing this for our on-call rota."),),
        reactions={"💡": ("maja", "aisha", "tomas", "ingrid")},
    ),
    Post(
        "thanks-tomas",
        "aisha",
        "Thank you, Tomás, for driving back to the harbour on Friday evening. The customer's cold store "
        "kept its temperature, and they renewed for two years.",
        comments=(
            Comment(
                "thanks-tomas-1", "tomas", "The sunset was worth it. Please send the next harbour job in summer, too."
            ),
        ),
        reactions={"❤️": ("maja", "kenji", "lucia", "ingrid"), "🎉": ("maja",)},
    ),
    Post(
        "printer",
        "ingrid",
        "The printer on the third floor in Oslo is back. Please do not feed it labels; that is what the "
        "small one by the window is for.",
        reactions={"😅": ("maja", "tomas")},
    ),
    Post(
        "backup-drill",
        "maja",
        "We restored last week's backup on an empty machine today, with only the runbook in hand. It "
        "took 52 minutes; step 6 was wrong and is now right. Next drill in March, "
        "and I would like somebody from another office to hold the runbook.",
        comments=(
            Comment(
                "backup-drill-1",
                "kenji",
                "Tokyo volunteers. We will find the steps that only you can read.",
                {"😅": ("maja",)},
            ),
        ),
        reactions={"👏": ("aisha", "ingrid", "kenji")},
    ),
    Post(
        "words",
        "lucia",
        "We call the same thing *site*, *location* and *place* on three screens. Which word do your "
        "customers use? One line for each language is enough.",
        comments=(
            Comment("words-1", "kenji", "Japanese customers say 拠点 (kyoten), which is closest to *site*."),
            Comment("words-2", "tomas", "In Portuguese it is *local*. Nobody says *sítio* to a cold store."),
            Comment("words-3", "aisha", "English in Lagos: *site*, always."),
        ),
    ),
    Post(
        "van",
        "tomas",
        "Does anybody have a spare mount for the roof antenna of the 2021 vans? Mine met a garage door in Setúbal.",
        comments=(Comment("van-1", "ingrid", "We have two in the Oslo storage. One leaves with tomorrow's parcel."),),
        reactions={"😮": ("lucia",)},
    ),
    Post(
        "lunch",
        "aisha",
        "On the first Wednesday of each month, two offices eat lunch together by video. Next one: Lagos "
        "and Buenos Aires, your breakfast and our lunch. Who brings a question?",
        comments=(Comment("lunch-1", "lucia", "I bring medialunas and a question about invoices in two currencies."),),
        reactions={"😋": ("lucia", "ingrid", "kenji")},
    ),
)

THANKS = (
    Thanks("van", "tomas", ("kenji", "ingrid"), "For finding the last cable between here and Tokyo.", "We share"),
    Thanks(
        "tests",
        "aisha",
        ("maja",),
        "The build takes nine minutes again. You have no idea what that means to us.",
        "Craft",
    ),
)
BADGE = Badge(
    "hand",
    "ingrid",
    "Helping hand",
    "For help that nobody had asked for.",
    5,
    (Thanks("lunch", "lucia", ("aisha",), "She thought of everybody's clock."),),
)
