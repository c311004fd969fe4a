"""Small changes of wording: letter case, articles and the careless spelling of users."""

from random import Random


def carelessly(rng: Random, question: str) -> str:
    """The question as it is, mostly; else in lower case, without its end mark, or with a please."""
    kind = rng.random()
    if kind < 0.08:
        return question.lower()
    if kind < 0.13:
        return question.rstrip("?.!")
    if kind < 0.15:
        return f"{question} {rng.choice(['please', 'Please.', 'Thanks!'])}"
    return question


def upper_first(text: str) -> str:
    """The text with a capital first letter and the rest untouched."""
    return text[0].upper() + text[1:]


def with_article(noun: str) -> str:
    """The noun after "a" or "an"."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def without_the(name: str) -> str:
    """A country without its article: "the Gambia" becomes "Gambia"."""
    return name.removeprefix("the ")


def joined(words: list[str]) -> str:
    """An enumeration: "a, b and c"."""
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)
