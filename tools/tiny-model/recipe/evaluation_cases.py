"""Prompts with the answers that count as right, for evaluate.mjs.

Run as `python3 -m recipe.evaluation_cases --out build/cases.json`.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import NamedTuple

from recipe.conversation import Conversation, exchange, render
from recipe.documents.arithmetic import arithmetic
from recipe.documents.context_questions import context_question
from recipe.documents.json_answers import json_answer
from recipe.documents.knowledge import unknown
from recipe.documents.memory import memory
from recipe.documents.persona import persona
from recipe.documents.tool import Tool
from recipe.documents.tool_calls import tool_call
from recipe.documents.tool_catalogue import TOOLS
from recipe.facts import COUNTRIES, DEFINITIONS, HELD_OUT_CAPITAL_QUESTIONS
from recipe.invented import code
from recipe.word_lists import ANIMALS, CITIES

CASES_SEED = 424_242
ASSISTANT_HEAD = "<|im_start|>assistant\n"

# Tools that no training document has.
HELD_OUT_TOOLS = [
    Tool(
        "book_taxi",
        "Book a taxi",
        {"pickup": "string", "destination": "string"},
        lambda rng: {"pickup": rng.choice(CITIES), "destination": rng.choice(CITIES)},
        [
            "Book a taxi from {pickup} to {destination}.",
            "I need a taxi from {pickup} to {destination}.",
        ],
    ),
    Tool(
        "get_exchange_rate",
        "Get the exchange rate of a currency",
        {"currency": "string"},
        lambda rng: {"currency": rng.choice(["USD", "EUR", "GBP", "JPY", "CHF"])},
        ["What is the exchange rate of {currency}?", "Show me the exchange rate of {currency}."],
    ),
    Tool(
        "lookup_flight",
        "Look up a flight",
        {"flight": "string"},
        lambda rng: {"flight": code(rng)},
        ["Look up flight {flight}.", "Is flight {flight} on time?"],
    ),
    Tool(
        "get_recipe",
        "Get a recipe for a dish",
        {"dish": "string"},
        lambda rng: {"dish": rng.choice(["pasta", "pizza", "soup", "pancakes", "curry"])},
        ["Give me a recipe for {dish}.", "How do I cook {dish}?"],
    ),
]


class Case(NamedTuple):
    """A prompt and the expected answer.

    `check` says how they are compared: "exact", "contains", "tool" (same call), "no tool", "json" or "story".
    """

    category: str
    prompt: str
    expected: str
    check: str


def case_of(category: str, conversation: Conversation, check: str = "exact") -> Case:
    """The conversation up to its last answer as prompt, that answer as expectation."""
    text = render(conversation)
    prompt = text[: text.rindex(ASSISTANT_HEAD)] + ASSISTANT_HEAD
    return Case(category, prompt, conversation.turns[-1].text, check)


def first_answer(conversation: Conversation) -> Conversation:
    """The conversation without what follows its first answer."""
    return replace(conversation, turns=conversation.turns[:2])


def all_cases(rng: Random) -> list[Case]:
    """The whole evaluation."""
    return [
        *_capital_cases(),
        *_arithmetic_cases(rng),
        *_context_cases(rng),
        *_tool_cases(rng),
        *_persona_cases(rng),
        *[case_of("json", json_answer(rng), "json") for _ in range(40)],
        *[case_of("memory", Conversation(memory(rng))) for _ in range(30)],
        *[_question_case("definition", f"Please tell me, what is {d.term}?", d.meaning) for d in DEFINITIONS],
        *[case_of("unknown", Conversation(unknown(rng))) for _ in range(20)],
        *[_question_case("story", f"Tell me a story about a {animal}.", animal) for animal in ANIMALS[:12]],
    ]


def _question_case(category: str, question: str, expected: str) -> Case:
    check = {"definition": "exact", "story": "story"}.get(category, "contains")
    return case_of(category, Conversation(exchange(question, expected)), check)


def _capital_cases() -> list[Case]:
    cases = []
    for number, (name, capital, _) in enumerate(COUNTRIES):
        for offset in range(2):
            template = HELD_OUT_CAPITAL_QUESTIONS[(number * 2 + offset) % len(HELD_OUT_CAPITAL_QUESTIONS)]
            cases.append(_question_case("capital, unseen phrasing", template.format(c=name), capital))
        cases.append(_question_case("capital, trained phrasing", f"What is the capital of {name}?", capital))
    for name, capital, _ in COUNTRIES[::4]:
        cases.append(_question_case("country of a capital", f"{capital} is the capital of which country?", name))
    return cases


def _arithmetic_cases(rng: Random) -> list[Case]:
    cases = []
    for _ in range(80):
        turns = arithmetic(rng)
        result = turns[-1].text
        sign = "addition" if "+" in result else "subtraction" if " - " in result else "multiplication"
        cases.append(case_of(sign, Conversation(turns)))
    return cases


def _context_cases(rng: Random) -> list[Case]:
    cases = []
    for held_out, kind in ((False, "trained"), (True, "unseen")):
        for count in (1, 3, 6):
            for _ in range(40):
                asked = context_question(rng, held_out=held_out, fact_count=count, unanswerable=False)
                cases.append(case_of(f"context of {count}, {kind} kind", first_answer(asked)))
    for _ in range(30):
        asked = context_question(rng, fact_count=3, unanswerable=True)
        cases.append(case_of("not in the context", first_answer(asked)))
    return cases


def _tool_cases(rng: Random) -> list[Case]:
    cases = []
    for _ in range(80):
        asked = first_answer(tool_call(rng, call=True))
        is_everyday = any(f'"name": "{tool.name}"' in asked.turns[-1].text for tool in TOOLS)
        cases.append(case_of(f"tool call, {'everyday' if is_everyday else 'invented'} tool", asked, "tool"))
    for number in range(60):
        held_out = HELD_OUT_TOOLS[number % len(HELD_OUT_TOOLS)]
        asked = first_answer(tool_call(rng, held_out=held_out, call=True))
        cases.append(case_of("tool call, unseen tool", asked, "tool"))
    for _ in range(30):
        cases.append(case_of("no tool needed", tool_call(rng, call=False), "no tool"))
    for _ in range(40):
        asked = tool_call(rng, call=True)
        while len(asked.turns) == 2:
            asked = tool_call(rng, call=True)
        cases.append(case_of("answer from a tool result", asked))
    return cases


def _persona_cases(rng: Random) -> list[Case]:
    cases = []
    for _ in range(60):
        asked = persona(rng)
        has_closing = " End every" in (asked.system or "") or "lways" in (asked.system or "")
        category = "persona with a closing phrase" if has_closing else "persona"
        cases.append(case_of(category, first_answer(asked)))
    return cases


def thinned(cases: list[Case], per_category: int) -> list[Case]:
    """The first cases of each category."""
    kept: dict[str, list[Case]] = {}
    for case in cases:
        kept.setdefault(case.category, []).append(case)
    return [case for group in kept.values() for case in group[:per_category]]


def main() -> None:
    """Writes the cases; they are the same in every run."""
    parser = argparse.ArgumentParser(description="Write the evaluation cases.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--per-category", type=int, help="keep only so many cases of each category")
    options = parser.parse_args()
    cases = all_cases(Random(CASES_SEED))
    if options.per_category:
        cases = thinned(cases, options.per_category)
    options.out.write_text(json.dumps([case._asdict() for case in cases]), encoding="utf-8")
    print(f"{options.out}: {len(cases)} cases")


if __name__ == "__main__":
    main()
