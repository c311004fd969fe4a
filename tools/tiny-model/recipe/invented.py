"""Invented names, codes and values: the open vocabulary that teaches the model to copy instead of to recall."""

from random import Random

from recipe.word_lists import (
    ADJECTIVES,
    ANIMALS,
    ATTRIBUTES,
    CITIES,
    COLORS,
    DAYS,
    FIRST_NAMES,
    LAST_NAMES,
    MONTHS,
    NOUNS,
    PRODUCTS,
)

ONSETS = "b c d f g h j k l m n p r s t v w z br dr fl gr kr pl st tr sh th".split()
VOWELS = "a e i o u ai ea oo".split()
CODAS = ["", "", "", "n", "r", "s", "l", "x", "m", "t", "k", "nd", "rt"]
# Without I and O, which read like digits.
CODE_CHARACTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
CODE_LETTERS = "ABCDEFGHKLMNPRSTX"
COMPANY_ENDINGS = [
    "", " Labs", " Systems", " Cafe", " Hotel", " Bank", " Software", " Motors", " Foods", " Cloud",
    " Museum", " Library", " Clinic", " School",
]  # fmt: skip
QUANTITY_UNITS = [
    "", " dollars", " days", " euros", " kilograms", " meters", " hours", " minutes", " percent",
    " years", " degrees", " people",
]  # fmt: skip


def syllable(rng: Random) -> str:
    """One pronounceable syllable."""
    return rng.choice(ONSETS) + rng.choice(VOWELS) + rng.choice(CODAS)


def proper_name(rng: Random) -> str:
    """A capitalized name of one to three syllables that no dictionary has."""
    return "".join(syllable(rng) for _ in range(rng.choice([1, 2, 2, 2, 3]))).capitalize()


def code(rng: Random) -> str:
    """An order number, a serial number, a password: letters and digits."""
    kind = rng.random()
    if kind < 0.3:
        return "".join(rng.choice(CODE_CHARACTERS) for _ in range(rng.randint(4, 7)))
    if kind < 0.6:
        return rng.choice(CODE_LETTERS) + rng.choice(["", "-"]) + str(rng.randint(1, 9999))
    return syllable(rng) + syllable(rng) + str(rng.randint(1, 999))


def email(rng: Random, domains: tuple[str, ...] = (".com",)) -> str:
    """An invented address under one of the top-level domains."""
    address = f"{proper_name(rng).lower()}@{proper_name(rng).lower()}"
    return address + (rng.choice(domains) if len(domains) > 1 else domains[0])


def person(rng: Random) -> str:
    """A given name, alone or with a known or an invented family name."""
    if rng.random() < 0.4:
        return rng.choice(FIRST_NAMES)
    if rng.random() < 0.6:
        return f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}"
    return f"{rng.choice(FIRST_NAMES)} {proper_name(rng)}"


def company(rng: Random) -> str:
    """An invented company or institution."""
    return proper_name(rng) + rng.choice(COMPANY_ENDINGS)


def date(rng: Random) -> str:
    """A month and a day."""
    return f"{rng.choice(MONTHS)} {rng.randint(1, 28)}"


def clock_time(rng: Random) -> str:
    """A time such as "7 am" or "14:30"."""
    return rng.choice(
        [
            f"{rng.randint(1, 12)} {rng.choice(['am', 'pm'])}",
            f"{rng.randint(6, 23)}:{rng.choice(['00', '15', '30', '45'])}",
        ]
    )


def attribute(rng: Random) -> str:
    """An attribute from the open vocabulary, known words and invented ones mixed."""
    kind = rng.random()
    if kind < 0.3:
        return f"{rng.choice(ADJECTIVES)} {rng.choice(NOUNS)}"
    if kind < 0.5:
        return f"{rng.choice(NOUNS)} {rng.choice(NOUNS + ATTRIBUTES)}"
    if kind < 0.65:
        return rng.choice(NOUNS)
    if kind < 0.9:
        return proper_name(rng).lower()
    return f"{proper_name(rng).lower()} {rng.choice(NOUNS + ATTRIBUTES)}"


def value(rng: Random) -> str:
    """What an attribute may be: a code, a quantity, a color, a person, a place, a date or a thing."""
    kind = rng.random()
    if kind < 0.2:
        return code(rng)
    if kind < 0.38:
        number = rng.choice([rng.randint(1, 20), rng.randint(10, 100), rng.randint(100, 5000)])
        return f"{number}{rng.choice(QUANTITY_UNITS)}"
    if kind < 0.5:
        return rng.choice(COLORS) + rng.choice(["", " " + rng.choice(ANIMALS), " and " + rng.choice(COLORS)])
    if kind < 0.62:
        return person(rng)
    return _rarer_value(rng, kind)


def _rarer_value(rng: Random, kind: float) -> str:
    """The kinds of `value` above 0.62."""
    if kind < 0.7:
        return proper_name(rng)
    if kind < 0.78:
        return rng.choice(CITIES)
    if kind < 0.84:
        return date(rng)
    if kind < 0.88:
        return rng.choice(DAYS)
    if kind < 0.93:
        return email(rng, (".com", ".org", ".io"))
    return f"the {rng.choice(COLORS)} {rng.choice(PRODUCTS + ANIMALS)}"
