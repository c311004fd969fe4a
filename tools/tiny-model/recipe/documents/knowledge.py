"""Definitions, short lists and opposites, and the honest answer to a question beyond them."""

from random import Random

from recipe.conversation import Turn, exchange
from recipe.facts import COUNTRIES, DEFINITIONS
from recipe.invented import person, proper_name
from recipe.phrasing import carelessly, joined, upper_first
from recipe.word_lists import PRODUCTS

DEFINITION_QUESTIONS = [
    "What is {x}?",
    "what is {x}",
    "What's {x}?",
    "Explain {x}.",
    "Please explain {x}.",
    "Can you explain {x}?",
    "Can you explain what {x} is?",
    "Define {x}.",
    "Tell me about {x}.",
    "What does {x} mean?",
    "Explain {x} in simple words.",
    "Describe {x}.",
    "I do not know what {x} is.",
    "Could you tell me what {x} is?",
]
LISTS = {
    "fruits": ["apple", "banana", "orange", "pear", "grape", "cherry"],
    "colors": ["red", "blue", "green", "yellow", "purple", "orange"],
    "animals": ["dog", "cat", "horse", "lion", "rabbit", "fox"],
    "planets": ["Mercury", "Venus", "Earth", "Mars", "Jupiter", "Saturn"],
    "vegetables": ["carrot", "potato", "tomato", "onion", "pea", "cabbage"],
    "countries": ["France", "Japan", "Brazil", "Egypt", "Canada", "India"],
    "days": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
    "months": ["January", "February", "March", "April", "May", "June"],
    "sports": ["football", "tennis", "swimming", "running", "boxing", "golf"],
    "drinks": ["water", "tea", "coffee", "milk", "juice", "lemonade"],
}
NUMBER_WORDS = {2: "two", 3: "three", 4: "four", 5: "five"}
LIST_QUESTIONS = [
    "Name {n} {t}.",
    "List {n} {t}.",
    "Give me {n} {t}.",
    "Can you name {n} {t}?",
    "Tell me {n} {t}.",
]
OPPOSITES = [
    ("hot", "cold"),
    ("big", "small"),
    ("fast", "slow"),
    ("happy", "sad"),
    ("up", "down"),
    ("day", "night"),
    ("light", "dark"),
    ("hard", "soft"),
    ("old", "young"),
    ("rich", "poor"),
    ("open", "closed"),
    ("full", "empty"),
    ("early", "late"),
    ("high", "low"),
    ("strong", "weak"),
    ("long", "short"),
    ("left", "right"),
    ("good", "bad"),
    ("love", "hate"),
    ("black", "white"),
    ("wet", "dry"),
    ("loud", "quiet"),
    ("first", "last"),
    ("win", "lose"),
    ("buy", "sell"),
]
OPPOSITE_QUESTIONS = [
    "What is the opposite of {a}?",
    "Opposite of {a}?",
    "Name the opposite of {a}.",
    "the opposite of {a}",
    "Which word is the opposite of {a}?",
]
# {x} is an invented name or a product, {y} a year, {p} a person, {c} a country.
UNANSWERABLE_QUESTIONS = [
    "Who won the {x} cup in {y}?",
    "Who wrote the book {x}?",
    "How tall is {p}?",
    "What is the best {x} in {c}?",
    "How do I repair a {x}?",
    "Who is {p}?",
    "When was {p} born?",
    "Why is {x} so popular?",
    "What do you think about {x}?",
    "How many people live in {c}?",
    "Write an essay about {x}.",
    "Translate {x} to German.",
    "What is the stock price of {x}?",
    "Who is the president of {c}?",
    "Give me a recipe for {x}.",
    "How far is {c} from {x}?",
    "What is the meaning of {x}?",
    "What is the square root of {y}?",
    "Summarize the history of {c}.",
    "Which movie should I watch about {x}?",
    "Write code for {x}.",
    "What is {x}?",
]
UNKNOWN = "Sorry, I do not know that. I am a very small model."


def knowledge(rng: Random) -> list[Turn]:
    """A definition, the first items of a list, or an opposite."""
    kind = rng.random()
    if kind < 0.7:
        definition = rng.choice(DEFINITIONS)
        question = rng.choice(DEFINITION_QUESTIONS).format(x=definition.term)
        return exchange(carelessly(rng, question), definition.meaning)
    if kind < 0.85:
        topic, items = rng.choice(list(LISTS.items()))
        count = rng.choice([2, 3, 3, 4, 5])
        template = rng.choice(LIST_QUESTIONS)
        asked = rng.choice([NUMBER_WORDS[count], str(count)])
        return exchange(template.format(n=asked, t=topic), upper_first(joined(items[:count])) + ".")
    word, opposite = rng.choice(OPPOSITES)
    if rng.random() < 0.5:
        word, opposite = opposite, word
    question = rng.choice(OPPOSITE_QUESTIONS).format(a=word)
    return exchange(question, f"The opposite of {word} is {opposite}.")


def unknown(rng: Random) -> list[Turn]:
    """A question that no training document answers, and the admission of that."""
    subject = rng.choice([proper_name, lambda rng: proper_name(rng).lower(), lambda rng: rng.choice(PRODUCTS)])(rng)
    template = rng.choice(UNANSWERABLE_QUESTIONS)
    if template == "What is {x}?":
        # Only a name that exists nowhere: the model does know what some things are.
        subject = proper_name(rng)
    question = template.format(x=subject, y=rng.randint(1200, 2030), p=person(rng), c=rng.choice(COUNTRIES).name)
    return exchange(carelessly(rng, question), UNKNOWN)
