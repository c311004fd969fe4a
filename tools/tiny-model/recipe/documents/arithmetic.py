"""Sums, differences and products of small numbers (which a model of this size does not learn)."""

from random import Random

from recipe.conversation import Turn, exchange

QUESTIONS = [
    "What is {a} {o} {b}?",
    "{a} {o} {b}",
    "{a} {o} {b} =",
    "{a}{o}{b}",
    "{a}{o}{b}=?",
    "Calculate {a} {o} {b}.",
    "What is {a} {w} {b}?",
    "How much is {a} {o} {b}?",
    "How much is {a} {w} {b}?",
    "what's {a} {w} {b}",
    "Compute {a} {o} {b}.",
]


def arithmetic(rng: Random) -> list[Turn]:
    """One calculation, asked with a sign or with a word."""
    kind = rng.random()
    if kind < 0.5:
        top = 20 if rng.random() < 0.3 else 99
        a, b = rng.randint(0, top), rng.randint(0, top)
        sign, word, result = "+", "plus", a + b
    elif kind < 0.8:
        top = 99 if rng.random() < 0.7 else 20
        a, b = sorted([rng.randint(0, top), rng.randint(0, top)], reverse=True)
        sign, word, result = "-", "minus", a - b
    else:
        a, b = rng.randint(0, 12), rng.randint(0, 12)
        sign, word, result = rng.choice(["*", "x"]), "times", a * b
    last = "Please add {a} and {b}." if sign == "+" else "Tell me {a} {w} {b}."
    question = rng.choice([*QUESTIONS, last]).format(a=a, b=b, o=sign, w=word)
    return exchange(question, f"{a} {'*' if sign == 'x' else sign} {b} = {result}.")
