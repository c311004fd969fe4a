"""A conversation and its text form: ChatML, exactly as chat_template.jinja renders it in the engine."""

import json
from dataclasses import dataclass
from typing import Any, NamedTuple

DEFAULT_SYSTEM = "You are a helpful assistant."
TOOLS_HEAD = "\n\n# Tools\n<tools>\n"
TOOLS_TAIL = '\n</tools>\nTo use a tool, answer with <tool_call>{"name": ..., "arguments": ...}</tool_call>.'


class Turn(NamedTuple):
    """What one role ("user", "assistant" or "tool") says."""

    role: str
    text: str


class Segment(NamedTuple):
    """A stretch of the rendered text; the model learns to write only what is learned."""

    text: str
    learned: bool


@dataclass
class Conversation:
    """One training document. `system` and `tools` together form the system message."""

    turns: list[Turn]
    system: str | None = None
    tools: list[dict[str, Any]] | None = None


def exchange(question: str, answer: str) -> list[Turn]:
    """A question of the user and the answer of the assistant."""
    return [Turn("user", question), Turn("assistant", answer)]


def to_json(value: Any) -> str:
    """JSON as the chat template and the answers of the model write it."""
    return json.dumps(value, ensure_ascii=False)


def segments(conversation: Conversation) -> list[Segment]:
    """The text of a conversation, cut where learning begins and ends: assistant turns and their end mark."""
    cut = []
    if conversation.system is not None or conversation.tools:
        cut.append(Segment(_system_message(conversation), False))
    for role, text in conversation.turns:
        if role == "assistant":
            cut.append(Segment("<|im_start|>assistant\n", False))
            cut.append(Segment(f"{text}<|im_end|>", True))
            cut.append(Segment("\n", False))
        else:
            cut.append(Segment(f"<|im_start|>{role}\n{text}<|im_end|>\n", False))
    return cut


def render(conversation: Conversation) -> str:
    """The whole text of a conversation."""
    return "".join(segment.text for segment in segments(conversation))


def _system_message(conversation: Conversation) -> str:
    text = conversation.system or DEFAULT_SYSTEM
    if conversation.tools:
        text += TOOLS_HEAD + "\n".join(map(to_json, conversation.tools)) + TOOLS_TAIL
    return f"<|im_start|>system\n{text}<|im_end|>\n"
