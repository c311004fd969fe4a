"""Tools that exist nowhere, so that the model learns to read their description."""

from collections.abc import Callable
from random import Random

from recipe.documents.tool import Arguments, Tool
from recipe.invented import code, date, email, proper_name, syllable
from recipe.word_lists import CITIES, COLORS, FIRST_NAMES, NOUNS

VERBS = "get find create delete update check open close start stop list show count send read".split()
RARER_VERBS = "look plan watch share move copy lock scan print reserve order rate".split()
OBJECTS = """
invoice customer report device sensor camera door car ticket event room photo message payment contract
product package account job model runner queue log page article
""".split()

KNOWN_PARAMETERS: dict[str, Callable[[Random], str | int]] = {
    "id": code,
    "name": lambda rng: rng.choice([proper_name(rng), rng.choice(FIRST_NAMES)]),
    "date": date,
    "city": lambda rng: rng.choice(CITIES),
    "email": email,
    "number": lambda rng: rng.randint(1, 999),
    "code": code,
    "title": proper_name,
    "color": lambda rng: rng.choice(COLORS),
    "size": lambda rng: rng.choice(["small", "medium", "large"]),
}


def invented_tool(rng: Random) -> Tool:
    """A verb and an object, known words or invented ones, with one or two parameters."""
    verb, subject, parameters = _verb(rng), _object(rng), _parameters(rng)
    if rng.random() < 0.7:
        description = f"{verb.capitalize()} a {subject}"
    else:
        description = f"{verb.capitalize()} {subject}s by {' and '.join(parameters)}"

    def arguments(rng: Random) -> Arguments:
        return {name: KNOWN_PARAMETERS.get(name, _open_value)(rng) for name in parameters}

    return Tool(
        name=f"{verb}_{subject}",
        description=description,
        parameters={name: "integer" if name == "number" else "string" for name in parameters},
        arguments=arguments,
        requests=_requests(verb, subject, parameters),
    )


def _verb(rng: Random) -> str:
    if rng.random() < 0.6:
        return rng.choice(VERBS)
    return rng.choice([syllable(rng) + syllable(rng), *RARER_VERBS])


def _object(rng: Random) -> str:
    if rng.random() < 0.35:
        return rng.choice(OBJECTS)
    return rng.choice(
        [
            rng.choice(NOUNS),
            f"{rng.choice(NOUNS)}_{rng.choice(NOUNS)}",
            proper_name(rng).lower(),
        ]
    )


def _parameters(rng: Random) -> list[str]:
    """One or two different names, known ones or any noun."""
    if rng.random() < 0.5:
        count = rng.choice([1, 1, 2])
        return rng.sample(list(KNOWN_PARAMETERS), count)
    count = rng.choice([1, 1, 2])
    drawn = [_open_name(rng) for _ in range(count)]
    return list(dict.fromkeys(drawn))


def _open_name(rng: Random) -> str:
    return rng.choice(NOUNS) if rng.random() < 0.6 else proper_name(rng).lower()


def _open_value(rng: Random) -> str:
    return rng.choice([code(rng), proper_name(rng), rng.choice(NOUNS), rng.choice(CITIES), rng.choice(FIRST_NAMES)])


def _requests(verb: str, subject: str, parameters: list[str]) -> list[str]:
    """Requests that name the parameters, and some that give only their values."""
    named = " and ".join(f"the {name} {{{name}}}" for name in parameters)
    values = " and ".join(f"{{{name}}}" for name in parameters)
    listed = ", ".join(f"{name} {{{name}}}" for name in parameters)
    return [
        f"{verb.capitalize()} the {subject} with {named}.",
        f"Please {verb} the {subject} with {named}.",
        f"Can you {verb} the {subject} with {named}?",
        f"{verb} {subject} {listed}",
        f"I want to {verb} the {subject} with {named}.",
        f"{verb.capitalize()} {subject} {values}.",
        f"I need the {subject} for {values}.",
        f"What is the {subject} of {values}?",
    ]
