"""Questions about capitals, countries and continents."""

from random import Random

from recipe.conversation import Turn, exchange
from recipe.facts import CAPITAL_QUESTIONS, COUNTRIES, Country
from recipe.phrasing import carelessly, upper_first, without_the

FOLLOW_UPS = [
    "And {c}?",
    "And of {c}?",
    "What about {c}?",
    "and {c}?",
    "How about {c}?",
    "And what is the capital of {c}?",
    "{c}?",
]
WHERE_IS_IT = ["In which continent is that country?", "On which continent is it?", "Where is that?"]
COUNTRY_OF_CAPITAL_QUESTIONS = [
    "Which country has the capital {k}?",
    "{k} is the capital of which country?",
    "What country is {k} the capital of?",
    "{k} is the capital of what?",
    "In which country is {k}?",
    "Where is {k}?",
    "What is {k}?",
    "Of which country is {k} the capital?",
]
CONTINENT_QUESTIONS = [
    "In which continent is {c}?",
    "On which continent is {c}?",
    "Where is {c}?",
    "What continent is {c} in?",
    "Which continent is {c} on?",
    "Where is {c} located?",
    "Tell me where {c} is.",
]
TWO_CAPITALS_QUESTIONS = [
    "What are the capitals of {a} and {b}?",
    "Name the capitals of {a} and {b}.",
    "Capitals of {a} and {b}?",
]


def capitals(rng: Random) -> list[Turn]:
    """A conversation about one country, or a few in a row."""
    country = rng.choice(COUNTRIES)
    kind = rng.random()
    if kind < 0.68:
        return _capital_and_follow_ups(rng, country)
    if kind < 0.82:
        question = rng.choice(COUNTRY_OF_CAPITAL_QUESTIONS).format(k=country.capital)
        return exchange(carelessly(rng, question), f"{country.capital} is the capital of {country.name}.")
    if kind < 0.94:
        return _continent(rng, country)
    other = rng.choice(COUNTRIES)
    return exchange(
        rng.choice(TWO_CAPITALS_QUESTIONS).format(a=country.name, b=other.name),
        f"The capital of {country.name} is {country.capital} and the capital of {other.name} is {other.capital}.",
    )


def _capital_question(rng: Random, name: str) -> str:
    template = rng.choice(CAPITAL_QUESTIONS)
    asked = without_the(name) if rng.random() < 0.25 else name
    if rng.random() < 0.12:
        asked = asked.lower()
    question = template.format(c=asked, C=asked.upper())
    return carelessly(rng, upper_first(question) if template.startswith("{") else question)


def _capital_answer(country: Country) -> str:
    return f"The capital of {country.name} is {country.capital}."


def _capital_and_follow_ups(rng: Random, country: Country) -> list[Turn]:
    turns = exchange(_capital_question(rng, country.name), _capital_answer(country))
    while rng.random() < 0.25:
        next_country = rng.choice(COUNTRIES)
        if rng.random() < 0.3:
            turns += exchange(rng.choice(WHERE_IS_IT), f"{upper_first(country.name)} is in {country.continent}.")
        else:
            country = next_country
            question = rng.choice(FOLLOW_UPS).format(c=country.name)
            turns += exchange(question, _capital_answer(country))
    return turns


def _continent(rng: Random, country: Country) -> list[Turn]:
    last = "Is {c} in Europe?" if country.continent == "Europe" else "Where can I find {c}?"
    question = rng.choice([*CONTINENT_QUESTIONS, last]).format(c=country.name)
    answer = f"{upper_first(country.name)} is in {country.continent}."
    if question.startswith("Is "):
        answer = "Yes, " + answer
    return exchange(carelessly(rng, question), answer)
