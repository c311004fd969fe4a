"""What a training document needs to know about a tool."""

from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

Arguments = dict[str, Any]


class ToolAnswer(NamedTuple):
    """What a tool returns, and how the assistant tells it."""

    payload: dict[str, Any]
    sentence: str


class Tool(NamedTuple):
    """A tool, how to draw arguments for it, and requests that need it (with {argument} places)."""

    name: str
    description: str
    parameters: dict[str, str]
    """JSON type of each parameter; all of them are required."""
    arguments: Callable[[Random], Arguments]
    requests: list[str]
    answer: Callable[[Random, Arguments], ToolAnswer] | None = None

    def specification(self) -> dict[str, Any]:
        """The tool as a request to a chat API describes it."""
        parameters = {
            "type": "object",
            "properties": {name: {"type": kind} for name, kind in self.parameters.items()},
            "required": list(self.parameters),
        }
        function = {"name": self.name, "description": self.description, "parameters": parameters}
        return {"type": "function", "function": function}
