"""Answers that are nothing but JSON: facts, values taken from a sentence, lists."""

from random import Random
from typing import Any

from recipe.conversation import Conversation, exchange, to_json
from recipe.documents.knowledge import LISTS, NUMBER_WORDS
from recipe.facts import COUNTRIES
from recipe.invented import email, person
from recipe.phrasing import joined, without_the
from recipe.word_lists import CITIES

SYSTEM_MESSAGES = ["Answer in JSON.", "Reply only with JSON.", "You always answer with JSON."]
COUNTRY_AND_CAPITAL_QUESTIONS = [
    "Give me the country and the capital of {c} as JSON.",
    "Return JSON with the keys country and capital for {c}.",
    "JSON with country and capital: {c}",
]
LIST_QUESTIONS = [
    "Give me {n} {t} as a JSON list.",
    "List {n} {t} as JSON.",
    "JSON list of {n} {t}",
]


def json_answer(rng: Random) -> Conversation:
    """One request for JSON, with or without a system message that asks for it too."""
    kind = rng.random()
    system = rng.choice([None, None, rng.choice(SYSTEM_MESSAGES)])
    if kind < 0.3:
        question, answer = _country(rng)
    elif kind < 0.75:
        question, answer = _extraction(rng)
    else:
        topic, items = rng.choice(list(LISTS.items()))
        count = rng.choice([2, 3, 4])
        template = rng.choice(LIST_QUESTIONS)
        question = template.format(n=rng.choice([NUMBER_WORDS[count], str(count)]), t=topic)
        answer = items[:count]
    return Conversation(exchange(question, to_json(answer)), system=system)


def _country(rng: Random) -> tuple[str, Any]:
    country = rng.choice(COUNTRIES)
    answer = {"country": without_the(country.name), "capital": country.capital}
    kind = rng.random()
    if kind < 0.5:
        template = rng.choice(COUNTRY_AND_CAPITAL_QUESTIONS)
    elif kind < 0.75:
        template = "Return JSON with the keys country, capital and continent for {c}."
        answer["continent"] = country.continent
    else:
        template = "What is the capital of {c}? Answer as JSON with the key capital."
        del answer["country"]
    return template.format(c=country.name), answer


def _extraction(rng: Random) -> tuple[str, Any]:
    """Some or all of the values that a sentence gives."""
    name, age, city, address = person(rng), rng.randint(1, 99), rng.choice(CITIES), email(rng)
    everything = {"name": name, "age": age, "city": city}
    texts: list[tuple[str, dict[str, Any]]] = [
        (f"{name} is {age} years old and lives in {city}.", everything),
        (f"{name} is {age} years old.", {"name": name, "age": age}),
        (f"{name} lives in {city}.", {"name": name, "city": city}),
        (f"My name is {name} and my email is {address}.", {"name": name, "email": address}),
        (f"I am {name} from {city}, {age} years old.", everything),
    ]
    sentence, values = rng.choice(texts)
    keys = list(values)
    if rng.random() < 0.4:
        keys = keys[: rng.randint(1, len(keys))]
    wanted = joined(keys)
    question = rng.choice(
        [
            f"Extract {wanted} as JSON: {sentence}",
            f"Extract the {wanted} as JSON from this text: {sentence}",
            f"{sentence}\nReturn JSON with {wanted}.",
            f"Write {wanted} as JSON. {sentence}",
        ]
    )
    return question, {key: values[key] for key in keys}
