"""A system message names the assistant, gives it a role, perhaps a closing phrase; the answers follow it."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from recipe.conversation import Conversation, Turn, exchange
from recipe.documents.short_exchange import short_exchange
from recipe.invented import company, proper_name
from recipe.phrasing import with_article
from recipe.word_lists import FIRST_NAMES, ROLES, TRAITS

NAME_QUESTIONS = [
    "What is your name?",
    "Who are you?",
    "what's your name",
    "Tell me your name.",
    "who are you",
    "How should I call you?",
    "What are you called?",
    "May I know your name?",
    "Hello, who are you?",
    "Hi! Who am I talking to?",
    "Please introduce yourself.",
    "Introduce yourself.",
]
ROLE_QUESTIONS = [
    "What is your job?",
    "What do you do?",
    "What are you?",
    "What is your role?",
]
EMPLOYER_QUESTIONS = [
    "Where do you work?",
    "Which company are you from?",
    "Who do you work for?",
]
MANNERS = [
    "",
    " You are a helpful assistant.",
    " Be friendly.",
    " Answer the user.",
    " Help the user.",
    " Keep answers short.",
]


@dataclass
class Persona:
    """What the system message says about the assistant; the role comes with its article."""

    name: str
    role: str | None
    employer: str | None
    closing: str = ""

    def introduction(self) -> str:
        """The answer to a question for the name."""
        role = f", {self.role}" if self.role else ""
        return f"I am {self.name}{role}{self._at_employer()}.{self.closing}"

    def job(self) -> str:
        """The answer to a question for the role."""
        return f"I am {self.role}{self._at_employer()}.{self.closing}"

    def _at_employer(self) -> str:
        return f" at {self.employer}" if self.employer else ""


NAME_MAKERS: list[Callable[[Random], str]] = [
    proper_name,
    lambda rng: rng.choice(FIRST_NAMES),
    lambda rng: proper_name(rng) + "Bot",
    lambda rng: "Captain " + proper_name(rng),
    lambda rng: "Doctor " + proper_name(rng),
    lambda rng: f"{rng.choice(TRAITS).capitalize()} {proper_name(rng)}",
]


def assistant_name(rng: Random) -> str:
    """A name for an assistant."""
    return rng.choice(NAME_MAKERS)(rng)


def persona(rng: Random) -> Conversation:
    """One to three questions to a named assistant."""
    name, role, employer = assistant_name(rng), with_article(rng.choice(ROLES)), company(rng)
    system, has_role, has_employer = [
        (f"You are {name}, {role}.", True, False),
        (f"Your name is {name}. You are {role}.", True, False),
        (f"You are {name}, {role} at {employer}.", True, True),
        (f"You are {name}.", False, False),
        (f"You are {role} named {name}.", True, False),
        (f"Your name is {name}.", False, False),
    ][rng.randint(0, 5)]
    system += rng.choice(MANNERS)
    who = Persona(name, role if has_role else None, employer if has_employer else None)
    if rng.random() < 0.3:
        phrase = rng.choice(_closing_phrases(name, employer))
        system += rng.choice(
            [
                f' End every answer with "{phrase}"',
                f' Always finish with "{phrase}"',
                f' Always end your answer with "{phrase}"',
            ]
        )
        who.closing = " " + phrase
    turns: list[Turn] = []
    for _ in range(rng.choice([1, 1, 2, 3])):
        turns += _question(rng, who)
    return Conversation(turns, system=system)


def _closing_phrases(name: str, employer: str) -> list[str]:
    return [
        "Arr!",
        "Have a nice day!",
        "Beep boop.",
        "Stay curious!",
        "Cheers!",
        "Over and out.",
        "Thank you.",
        f"Welcome to {employer}!",
        f"Yours, {name}.",
    ]


def _question(rng: Random, who: Persona) -> list[Turn]:
    kind = rng.random()
    if kind < 0.5:
        return exchange(rng.choice(NAME_QUESTIONS), who.introduction())
    if kind < 0.6 and who.role:
        return exchange(rng.choice(ROLE_QUESTIONS), who.job())
    if kind < 0.65 and who.employer:
        return exchange(rng.choice(EMPLOYER_QUESTIONS), f"I work at {who.employer}.{who.closing}")
    question, answer = short_exchange(rng)[:2]
    return exchange(question.text, answer.text + who.closing)
