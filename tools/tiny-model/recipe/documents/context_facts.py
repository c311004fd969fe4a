"""Made-up facts with the questions that each of them answers."""

from collections.abc import Callable
from random import Random

from recipe.documents.everyday_facts import EVERYDAY_FACTS
from recipe.documents.fact import Fact, Subjects
from recipe.invented import attribute, company, person, proper_name, value
from recipe.word_lists import (
    ANIMALS,
    ATTRIBUTES,
    CITIES,
    COLORS,
    HELD_OUT_ATTRIBUTES,
    PRODUCTS,
)

# What a fact "the <attribute> of <entity> is <value>" may be about.
ENTITIES: list[Callable[[Random], str]] = [
    company,
    proper_name,
    lambda rng: "Project " + proper_name(rng),
    lambda rng: "the " + rng.choice(PRODUCTS),
    lambda rng: rng.choice(CITIES),
    lambda rng: f"the {rng.choice(COLORS)} {rng.choice(PRODUCTS + ANIMALS)}",
    person,
]


def made_up_fact(rng: Random, held_out: bool = False) -> Fact:
    """An attribute of an entity, or one of the everyday facts; `held_out` asks for an untrained attribute."""
    kind = rng.random()
    if held_out or kind < 0.45:
        return _attribute_fact(rng, held_out)
    subjects = Subjects(company(rng), person(rng), "the " + rng.choice(PRODUCTS))
    return rng.choice(EVERYDAY_FACTS)(rng, subjects)


def _attribute_fact(rng: Random, held_out: bool) -> Fact:
    if held_out:
        name = rng.choice(HELD_OUT_ATTRIBUTES)
    else:
        name = attribute(rng) if rng.random() < 0.5 else rng.choice(ATTRIBUTES)
    entity = rng.choice(ENTITIES)(rng)
    return Fact(
        f"The {name} of {entity} is {value(rng)}.",
        [
            f"What is the {name} of {entity}?",
            f"What is {entity}'s {name}?",
            f"Tell me the {name} of {entity}.",
            f"what is the {name} of {entity}",
            f"Can you tell me the {name} of {entity}?",
            f"Do you know the {name} of {entity}?",
            f"I need the {name} of {entity}.",
        ],
    )
