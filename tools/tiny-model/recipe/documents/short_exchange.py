"""A short conversation without a system message: the filler between and after the turns of other documents."""

from random import Random

from recipe.conversation import Turn
from recipe.documents.arithmetic import arithmetic
from recipe.documents.capitals import capitals
from recipe.documents.knowledge import knowledge, unknown
from recipe.documents.small_talk import small_talk


def short_exchange(rng: Random) -> list[Turn]:
    """A capital, a calculation, small talk, a definition or an unknown thing."""
    kind = rng.random()
    if kind < 0.45:
        return capitals(rng)
    if kind < 0.6:
        return arithmetic(rng)
    if kind < 0.78:
        return small_talk(rng)
    if kind < 0.93:
        return knowledge(rng)
    return unknown(rng)


def fillers(rng: Random) -> list[Turn]:
    """None to two question-and-answer pairs that stand between a statement and the question about it."""
    turns: list[Turn] = []
    for _ in range(rng.choice([0, 0, 1, 2])):
        turns += short_exchange(rng)[:2]
    return turns
