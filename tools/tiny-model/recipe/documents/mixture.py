"""The mixture: which share of the training documents is of which kind.

Run as `python3 -m recipe.documents.mixture [seed]` to read some documents.
"""

import sys
from collections.abc import Callable
from random import Random

from recipe.conversation import Conversation, Turn, render
from recipe.documents.arithmetic import arithmetic
from recipe.documents.capitals import capitals
from recipe.documents.context_questions import context_question
from recipe.documents.json_answers import json_answer
from recipe.documents.knowledge import knowledge, unknown
from recipe.documents.memory import memory
from recipe.documents.persona import persona
from recipe.documents.short_exchange import short_exchange
from recipe.documents.small_talk import small_talk
from recipe.documents.stories import story
from recipe.documents.system_messages import SYSTEM_MESSAGES
from recipe.documents.tool_calls import tool_call

# Shares of the documents; they sum to 1. Their order is part of what a seed reproduces.
MIXTURE: list[tuple[Callable[[Random], list[Turn] | Conversation], float]] = [
    (capitals, 0.19),
    (context_question, 0.24),
    (arithmetic, 0.10),
    (story, 0.06),
    (tool_call, 0.15),
    (persona, 0.08),
    (json_answer, 0.06),
    (small_talk, 0.035),
    (knowledge, 0.04),
    (unknown, 0.025),
    (memory, 0.02),
]


def document(rng: Random) -> Conversation:
    """One training document of any kind.

    Without a system message of its own it may get one that changes nothing, and more exchanges at its end.
    """
    drawn = _kind(rng)(rng)
    if isinstance(drawn, list):
        drawn = Conversation(drawn)
    if drawn.system is not None or drawn.tools is not None:
        return drawn
    if rng.random() < 0.22:
        for _ in range(rng.choice([1, 1, 2, 3])):
            drawn.turns += (short_exchange if rng.random() < 0.85 else story)(rng)
    if rng.random() < 0.25:
        drawn.system = rng.choice(SYSTEM_MESSAGES)
    return drawn


def _kind(rng: Random) -> Callable[[Random], list[Turn] | Conversation]:
    remaining = rng.random()
    for kind, share in MIXTURE:
        remaining -= share
        if remaining < 0:
            return kind
    return capitals


if __name__ == "__main__":
    shown = Random(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    print("\n-----\n".join(render(document(shown)) for _ in range(25)))
