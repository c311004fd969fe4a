"""The kinds of facts that support texts are full of: hours, prices, floors, errors, meetings."""

from collections.abc import Callable
from random import Random

from recipe.documents.fact import Fact, Subjects
from recipe.facts import CAPITAL_QUESTIONS
from recipe.invented import clock_time, date, proper_name
from recipe.word_lists import CITIES, COLORS, DAYS

RETURN_DAYS = [7, 10, 14, 21, 30, 45, 60, 90, 100]
FLOORS = ["first", "second", "third", "fourth", "fifth", "sixth"]
ERROR_MEANINGS = [
    "the disk is full",
    "the door is open",
    "the battery is low",
    "the network is down",
    "the password is wrong",
    "the paper is empty",
    "the filter is dirty",
    "the motor is too hot",
]
DEPARTMENTS = ["sales", "support", "marketing", "finance", "research", "security", "design"]
MEETINGS = ["team", "budget", "design", "planning", "safety"]
LIKED_THINGS = [
    "cats",
    "pizza",
    "jazz",
    "chess",
    "tea",
    "football",
    "old books",
    "the sea",
    "mountains",
    "robots",
]
SWITCHES = [
    "the red button",
    "the green key",
    "the reset switch",
    "the power key",
    "the blue lever",
]


def _opening_hours(rng: Random, about: Subjects) -> Fact:
    opens, closes = clock_time(rng), clock_time(rng)
    return Fact(
        f"{about.company} is open from {opens} to {closes}.",
        [
            f"When is {about.company} open?",
            f"What are the opening hours of {about.company}?",
            f"At what time does {about.company} open?",
            f"when does {about.company} close?",
        ],
    )


def _home(rng: Random, about: Subjects) -> Fact:
    city = rng.choice([*CITIES, proper_name(rng)])
    return Fact(
        f"{about.person} lives in {city}.",
        [
            f"Where does {about.person} live?",
            f"In which city does {about.person} live?",
            f"Who lives in {city}?",
        ],
    )


def _price(rng: Random, about: Subjects) -> Fact:
    return Fact(
        f"The price of {about.product} is {rng.randint(2, 900)} dollars.",
        [
            f"How much is {about.product}?",
            f"How much does {about.product} cost?",
            f"What is the price of {about.product}?",
        ],
    )


def _return_policy(rng: Random, about: Subjects) -> Fact:
    return Fact(
        f"{about.company} accepts returns within {rng.choice(RETURN_DAYS)} days.",
        [
            f"How long can I return a product to {about.company}?",
            f"What is the return policy of {about.company}?",
            f"How many days do I have to return something to {about.company}?",
        ],
    )


def _foundation(rng: Random, about: Subjects) -> Fact:
    return Fact(
        f"{about.company} was founded in {rng.randint(1850, 2026)} by {about.person}.",
        [
            f"When was {about.company} founded?",
            f"Who founded {about.company}?",
            f"In which year was {about.company} founded?",
            f"Who is the founder of {about.company}?",
        ],
    )


def _office(rng: Random, about: Subjects) -> Fact:
    return Fact(
        f"The office of {about.person} is on the {rng.choice(FLOORS)} floor.",
        [
            f"On which floor is the office of {about.person}?",
            f"Where is the office of {about.person}?",
            f"Where can I find {about.person}?",
        ],
    )


def _error_code(rng: Random, _about: Subjects) -> Fact:
    error = f"E{rng.randint(1, 999)}"
    return Fact(
        f"Error {error} means that {rng.choice(ERROR_MEANINGS)}.",
        [
            f"What does error {error} mean?",
            f"I see error {error}. What is it?",
            f"Explain error {error}.",
        ],
    )


def _department(rng: Random, about: Subjects) -> Fact:
    department = rng.choice(DEPARTMENTS)
    return Fact(
        f"{about.person} is the head of {department} at {about.company}.",
        [
            f"Who is the head of {department} at {about.company}?",
            f"Who leads {department} at {about.company}?",
            f"What is the job of {about.person}?",
        ],
    )


def _meeting(rng: Random, _about: Subjects) -> Fact:
    day = rng.choice(DAYS)
    room = rng.choice(
        [
            f"room {rng.randint(1, 400)}",
            f"the {proper_name(rng)} room",
            f"the {rng.choice(COLORS)} hall",
        ]
    )
    meeting = rng.choice(MEETINGS)
    return Fact(
        f"The {meeting} meeting is on {day} in {room}.",
        [
            f"When is the {meeting} meeting?",
            f"Where is the {meeting} meeting?",
            f"On which day is the {meeting} meeting?",
        ],
    )


def _warranty(rng: Random, about: Subjects) -> Fact:
    return Fact(
        f"The warranty of {about.product} lasts {rng.randint(1, 10)} years.",
        [
            f"How long is the warranty of {about.product}?",
            f"How many years of warranty does {about.product} have?",
            f"What is the warranty of {about.product}?",
        ],
    )


def _invented_capital(rng: Random, _about: Subjects) -> Fact:
    land = proper_name(rng) + rng.choice(["ia", "land", "stan", ""])
    sentence = f"The capital of {land} is {proper_name(rng)}."
    templates = rng.sample(CAPITAL_QUESTIONS[:-1], 4)
    return Fact(sentence, [template.format(c=land) for template in templates])


def _liking(rng: Random, about: Subjects) -> Fact:
    thing = rng.choice(LIKED_THINGS)
    return Fact(
        f"{about.person} likes {thing}.",
        [
            f"What does {about.person} like?",
            f"Who likes {thing}?",
            f"Does {about.person} like {thing}?",
        ],
    )


def _train(rng: Random, _about: Subjects) -> Fact:
    time, city = clock_time(rng), rng.choice(CITIES)
    return Fact(
        f"The train to {city} leaves at {time}.",
        [
            f"When does the train to {city} leave?",
            f"At what time is the train to {city}?",
            f"What time does the train to {city} leave?",
        ],
    )


def _employees(rng: Random, about: Subjects) -> Fact:
    return Fact(
        f"{about.company} has {rng.randint(2, 5000)} employees.",
        [
            f"How many employees does {about.company} have?",
            f"How many people work at {about.company}?",
            f"How big is {about.company}?",
        ],
    )


def _restart(rng: Random, about: Subjects) -> Fact:
    switch = rng.choice(SWITCHES)
    return Fact(
        f"To restart {about.product}, press {switch} for {rng.randint(2, 20)} seconds.",
        [
            f"How do I restart {about.product}?",
            f"How can I restart {about.product}?",
            f"What should I do to restart {about.product}?",
        ],
    )


def _delivery(rng: Random, _about: Subjects) -> Fact:
    days, city = rng.randint(1, 30), rng.choice(CITIES)
    return Fact(
        f"Delivery to {city} takes {days} days.",
        [
            f"How long does delivery to {city} take?",
            f"How many days does delivery to {city} take?",
            f"How long is the delivery to {city}?",
        ],
    )


def _festival(rng: Random, _about: Subjects) -> Fact:
    day, name = date(rng), proper_name(rng)
    return Fact(
        f"The {name} festival starts on {day}.",
        [
            f"When does the {name} festival start?",
            f"On which date does the {name} festival start?",
            f"What is the start date of the {name} festival?",
        ],
    )


# Every kind is drawn equally often. Their order is part of what a seed reproduces.
EVERYDAY_FACTS: list[Callable[[Random, Subjects], Fact]] = [
    _opening_hours,
    _home,
    _price,
    _return_policy,
    _foundation,
    _office,
    _error_code,
    _department,
    _meeting,
    _warranty,
    _invented_capital,
    _liking,
    _train,
    _employees,
    _restart,
    _delivery,
    _festival,
]
