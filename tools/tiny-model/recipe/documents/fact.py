"""What a made-up fact is and what it may be about."""

from typing import NamedTuple


class Fact(NamedTuple):
    """A sentence and the questions that it answers."""

    sentence: str
    questions: list[str]


class Subjects(NamedTuple):
    """Invented subjects of an everyday fact; the product has its article."""

    company: str
    person: str
    product: str
