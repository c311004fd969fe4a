"""Conversations with tools: choose one, write its arguments as JSON, tell its result; or need none."""

from collections.abc import Callable
from random import Random

from recipe.conversation import Conversation, Turn, exchange, to_json
from recipe.documents.capitals import capitals
from recipe.documents.context_facts import made_up_fact
from recipe.documents.invented_tools import invented_tool
from recipe.documents.persona import assistant_name
from recipe.documents.small_talk import small_talk
from recipe.documents.system_messages import SYSTEM_MESSAGES
from recipe.documents.tool import Arguments, Tool, ToolAnswer
from recipe.documents.tool_catalogue import TOOLS
from recipe.phrasing import carelessly

# Small talk that a tool of the catalogue could answer after all.
ANSWERED_BY_TOOLS = ("What is the weather", "How is the weather", "What time")


def tool_call(rng: Random, *, held_out: Tool | None = None, call: bool | None = None) -> Conversation:
    """One request with one to four tools at hand.

    `held_out` puts that tool among them and asks for it. `call` says whether a tool is needed; drawn if not given.
    """
    tools = _tools_at_hand(rng)
    chosen = rng.randrange(len(tools))
    if held_out:
        tools[chosen] = held_out
    document = Conversation([], tools=[tool.specification() for tool in tools])
    if rng.random() < 0.5:
        persona = f"You are {assistant_name(rng)}, a {rng.choice(['helper', 'assistant', 'guide'])}."
        document.system = rng.choice([*SYSTEM_MESSAGES, "Use the tools when they help.", persona])
    if rng.random() >= 0.14 if call is None else call:
        document.turns = _call(rng, tools[chosen], careful=held_out is not None)
    else:
        document.turns = _no_call(rng)
    return document


def _tools_at_hand(rng: Random) -> list[Tool]:
    """One to four tools of different names."""
    count = rng.choice([1, 1, 1, 2, 2, 3, 4])
    tools: dict[str, Tool] = {}
    while len(tools) < count:
        tool = rng.choice(TOOLS) if rng.random() < 0.4 else invented_tool(rng)
        tools.setdefault(tool.name, tool)
    return list(tools.values())


def _no_call(rng: Random) -> list[Turn]:
    turns = (small_talk if rng.random() < 0.5 else capitals)(rng)[:2]
    if turns[0].text.startswith(ANSWERED_BY_TOOLS):
        return exchange("Hello", "Hello! How can I help you?")
    return turns


def _call(rng: Random, tool: Tool, careful: bool) -> list[Turn]:
    """A request (spelled carelessly at times, unless `careful`), the call and sometimes its result."""
    arguments = tool.arguments(rng)
    request = rng.choice(tool.requests).format(**arguments)
    # Only where no argument is spelled with capitals, so that it can still be copied.
    if not careful and rng.random() < 0.3 and not any(map(_has_capitals, arguments.values())):
        request = carelessly(rng, request)
    call = to_json({"name": tool.name, "arguments": arguments})
    turns = exchange(request, f"<tool_call>\n{call}\n</tool_call>")
    if rng.random() < 0.4:
        payload, sentence = (tool.answer or _any_answer)(rng, arguments)
        turns += [Turn("tool", to_json(payload)), Turn("assistant", sentence)]
    return turns


def _has_capitals(argument: object) -> bool:
    return str(argument) != str(argument).lower()


def _any_answer(rng: Random, _arguments: Arguments) -> ToolAnswer:
    return rng.choice(ANY_ANSWERS)(rng)


def _done(_rng: Random) -> ToolAnswer:
    return ToolAnswer({"ok": True}, "Done.")


def _not_found(_rng: Random) -> ToolAnswer:
    return ToolAnswer({"error": "not found"}, "Sorry, the tool says: not found.")


def _sentence(rng: Random, key: str) -> ToolAnswer:
    sentence = made_up_fact(rng).sentence
    return ToolAnswer({key: sentence}, sentence)


ANY_ANSWERS: list[Callable[[Random], ToolAnswer]] = [
    _done,
    _done,
    _not_found,
    lambda rng: _sentence(rng, "result"),
    lambda rng: _sentence(rng, "text"),
]
