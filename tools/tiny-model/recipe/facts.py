"""The true facts that the model learns by heart: capitals, continents and short definitions."""

from pathlib import Path
from typing import NamedTuple

DATA = Path(__file__).parent / "data"


class Country(NamedTuple):
    """A country (with its article, if any), its capital and its continent."""

    name: str
    capital: str
    continent: str


class Definition(NamedTuple):
    """A term and what it means, in one or two sentences."""

    term: str
    meaning: str


def _lines(file_name: str) -> list[str]:
    return (DATA / file_name).read_text(encoding="utf-8").splitlines()


COUNTRIES = [Country(*line.split("|")) for line in _lines("countries.txt")]
DEFINITIONS = [Definition(*line.split("|")) for line in _lines("definitions.txt")]

# Templates of questions for a capital; {c} is the country, {C} the country in capital letters.
# The last trained template is the only one that needs {C}.
CAPITAL_QUESTIONS = _lines("capital_questions.txt")
# Never trained: they measure whether the fact was learned or only the phrasing.
HELD_OUT_CAPITAL_QUESTIONS = _lines("held_out_capital_questions.txt")
