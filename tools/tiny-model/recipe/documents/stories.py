"""Short stories from one plot: a hero, a problem, a friend who helps, a good end."""

from random import Random
from typing import NamedTuple

from recipe.conversation import Turn, exchange
from recipe.phrasing import upper_first, with_article
from recipe.word_lists import ANIMALS, FIRST_NAMES, TRAITS

HEROES = [
    *ANIMALS, "girl", "boy", "robot", "king", "queen", "wizard", "pirate", "princess", "farmer",
]  # fmt: skip


class Plot(NamedTuple):
    """What happens to the hero and how it ends."""

    problem: str
    solution: str


PLOTS = [
    Plot("lost the key to the house", "found the key under a stone"),
    Plot("heard a strange noise at night", "saw that it was only a sleepy owl"),
    Plot("wanted to see the sea", "reached the beach at sunrise"),
    Plot("had no friends", "made a true friend"),
    Plot("was afraid of the dark", "learned that the stars shine in the dark"),
    Plot("wanted to learn to sing", "sang a song for everyone"),
    Plot("found a broken boat", "repaired the boat and sailed away"),
    Plot("lost a red ball in the river", "pulled the ball out of the water"),
    Plot("was very hungry", "shared a warm soup by the fire"),
    Plot("found an old map", "discovered a box full of golden coins"),
    Plot("wanted to build a robot", "built a robot that could dance"),
    Plot("saw a fallen star", "brought the star back to the sky"),
]
PLACES = [
    "a small village",
    "a dark forest",
    "a big city",
    "an old castle",
    "a quiet farm",
    "a snowy mountain",
    "a sunny island",
    "a green valley",
    "a busy harbor",
    "a lonely lighthouse",
]
HELPERS = [
    "a wise owl",
    "a kind old woman",
    "a funny mouse",
    "a brave girl",
    "a little robot",
    "a friendly giant",
    "a clever boy",
    "a tired traveler",
    "a talking tree",
    "a gentle bear",
]
MORALS = [
    "Sometimes a small friend is the biggest help.",
    "Good things come to those who try.",
    "Kindness always comes back.",
    "It is fine to ask for help.",
    "Courage grows step by step.",
    "Together everything is easier.",
]
ANY_STORY = [
    "Tell me a story.",
    "tell me a story",
    "Tell me a short story",
    "Write a short story.",
    "Can you tell me a story?",
    "I want to hear a story.",
    "Please write a story.",
    "Once upon a time",
    "Write me a bedtime story.",
    "Story please!",
]
STORY_ABOUT = [
    "Tell me a story about {x}.",
    "Write a story about {x}.",
    "tell me a story about {x}",
    "Can you write a short story about {x}?",
    "A story about {x}, please.",
    "I want a story about {x}.",
]
STORY_ABOUT_NAMED = [
    "Tell me a story about {x} named {n}.",
    "Write a short story about {x} called {n}.",
]


def story(rng: Random) -> list[Turn]:
    """A request for a story, with or without a hero and a name, and the story."""
    kind = rng.random()
    if kind < 0.4:
        return exchange(rng.choice(ANY_STORY), _story(rng))
    hero = rng.choice(HEROES)
    if kind < 0.8:
        question = rng.choice(STORY_ABOUT).format(x=with_article(hero))
        return exchange(question, _story(rng, hero))
    name = rng.choice(FIRST_NAMES)
    question = rng.choice(STORY_ABOUT_NAMED).format(x=with_article(hero), n=name)
    return exchange(question, _story(rng, hero, name))


def _story(rng: Random, hero: str | None = None, name: str | None = None) -> str:
    hero = hero or rng.choice(HEROES)
    name = name or rng.choice(FIRST_NAMES)
    hero = with_article(f"{rng.choice(TRAITS)} {hero}")
    place, plot, helper = rng.choice(PLACES), rng.choice(PLOTS), rng.choice(HELPERS)
    opening = rng.choice(["Once upon a time", "Long ago", "One day"])
    sentences = [f"{opening} there was {hero} named {name} who lived in {place}."]
    if rng.random() < 0.6:
        sentences.append(rng.choice(_daily_life(name)))
    sentences += [rng.choice(choices) for choices in _adventure(name, plot, helper)]
    if rng.random() < 0.7:
        sentences.append(rng.choice(MORALS))
    sentences.append(rng.choice(_endings(name)))
    return " ".join(sentences)


def _daily_life(name: str) -> list[str]:
    return [
        f"Every morning {name} walked around and looked at the sky.",
        f"Everyone there knew {name} well.",
        f"{name} loved the smell of rain.",
    ]


def _adventure(name: str, plot: Plot, helper: str) -> list[list[str]]:
    """The choices for each sentence between the problem and its solution."""
    return [
        [f"One day {name} {plot.problem}.", f"Then {name} {plot.problem}."],
        [
            f"{name} did not know what to do and sat down to think.",
            f"{name} felt sad, but did not give up.",
            f'"I will find a way," said {name}.',
        ],
        [
            f"On the road {name} met {helper}.",
            f"Soon {helper} came along and asked what was wrong.",
        ],
        [
            f'"Come with me, I can help you," said {helper}.',
            f"{upper_first(helper)} smiled and offered to help.",
            "They talked for a long time and made a plan.",
        ],
        [
            f"Together they worked all day, and at last {name} {plot.solution}.",
            f"With some help {name} {plot.solution}.",
        ],
    ]


def _endings(name: str) -> list[str]:
    return [
        f"From that day on {name} was never alone again.",
        "And they lived happily ever after.",
        f"That night {name} slept with a smile. The end.",
    ]
