"""The user tells something about themselves and asks for it later."""

from random import Random

from recipe.conversation import Turn, exchange
from recipe.documents.short_exchange import fillers
from recipe.invented import person, proper_name, value
from recipe.word_lists import FIRST_NAMES

NAME_STATEMENTS = [
    "My name is {n}.",
    "Hi, I am {n}.",
    "Hello, my name is {n}!",
    "I'm {n}.",
    "Call me {n}.",
]
NAME_QUESTIONS = [
    "What is my name?",
    "Do you know my name?",
    "Who am I?",
    "what's my name",
    "Do you remember my name?",
]
PERSONAL_ATTRIBUTES = [
    "favorite color",
    "favorite food",
    "favorite city",
    "favorite animal",
    "birthday",
    "job",
    "home town",
    "lucky number",
    "password",
    "order number",
]


def memory(rng: Random) -> list[Turn]:
    """The name of the user, or something that is theirs."""
    if rng.random() < 0.6:
        name = rng.choice([person(rng), proper_name(rng), rng.choice(FIRST_NAMES)])
        told = exchange(rng.choice(NAME_STATEMENTS).format(n=name), f"Nice to meet you, {name}!")
        between = fillers(rng)
        return told + between + exchange(rng.choice(NAME_QUESTIONS), f"Your name is {name}.")
    attribute = rng.choice(PERSONAL_ATTRIBUTES)
    told_value = value(rng)
    told = exchange(
        f"My {attribute} is {told_value}.",
        f"I will remember that your {attribute} is {told_value}.",
    )
    between = fillers(rng)
    question = rng.choice([f"What is my {attribute}?", f"Do you remember my {attribute}?", f"Tell me my {attribute}."])
    return told + between + exchange(question, f"Your {attribute} is {told_value}.")
