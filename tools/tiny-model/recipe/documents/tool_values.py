"""Arguments of the everyday tools that take more than one draw, and how their results are told."""

from random import Random

from recipe.documents.tool import Arguments, ToolAnswer
from recipe.invented import CODE_LETTERS, code, company, person, proper_name
from recipe.word_lists import CITIES, FIRST_NAMES, PRODUCTS

CONDITIONS = ["sunny", "cloudy", "rainy", "snowy", "windy"]
ORDER_STATES = ["shipped", "delivered", "pending", "lost", "packed"]


def query(rng: Random) -> Arguments:
    """Something to search for."""
    text = rng.choice(
        [
            "red shoes",
            "cheap hotels",
            "the return policy",
            "open source queues",
            "a blue " + rng.choice(PRODUCTS),
            "the history of " + rng.choice(CITIES),
            "jazz concerts",
            "pizza in " + rng.choice(CITIES),
            "GPU prices",
            company(rng),
            "a " + rng.choice(PRODUCTS),
            "how to cook rice",
            "flights to " + rng.choice(CITIES),
            proper_name(rng),
        ]
    )
    return {"query": text}


def order_id(rng: Random) -> Arguments:
    """The id of an order."""
    return {"order_id": code(rng)}


def stock_symbol(rng: Random) -> Arguments:
    """Two to four capital letters."""
    length = rng.randint(2, 4)
    return {"symbol": "".join(rng.choice(CODE_LETTERS) for _ in range(length))}


def money(rng: Random) -> Arguments:
    """An amount and two currencies."""
    return {
        "amount": rng.randint(1, 999),
        "source": rng.choice(["USD", "EUR", "GBP"]),
        "target": rng.choice(["JPY", "CHF", "CAD", "INR"]),
    }


def todo_item(rng: Random) -> Arguments:
    """Something to do."""
    call = "call " + rng.choice(FIRST_NAMES)
    items = ["buy milk", call, "pay the rent", "wash the car", "write the report", "water the plants"]
    return {"item": rng.choice(items)}


def path(rng: Random) -> Arguments:
    """A folder one or two levels deep."""
    folder = "/" + proper_name(rng).lower()
    return {"path": folder + rng.choice(["", "/" + proper_name(rng).lower()])}


def tell_weather(rng: Random, asked: Arguments) -> ToolAnswer:
    """The weather of the asked city."""
    degrees, condition = rng.randint(-10, 38), rng.choice(CONDITIONS)
    return ToolAnswer(
        {"temperature": degrees, "condition": condition},
        f"It is {condition} in {asked['city']} with {degrees} degrees.",
    )


def tell_time(rng: Random, asked: Arguments) -> ToolAnswer:
    """The time in the asked city."""
    time = f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}"
    return ToolAnswer({"time": time}, f"It is {time} in {asked['city']}.")


def tell_result(rng: Random, asked: Arguments) -> ToolAnswer:
    """The result of the asked expression."""
    # Any number: the model is to copy the result of the tool, not to calculate.
    result = rng.randint(1, 99999)
    return ToolAnswer({"result": result}, f"{asked['expression']} = {result}.")


def tell_order_state(rng: Random, asked: Arguments) -> ToolAnswer:
    """The state of the asked order."""
    state = rng.choice(ORDER_STATES)
    return ToolAnswer({"status": state}, f"Order {asked['order_id']} is {state}.")


def tell_stock_price(rng: Random, asked: Arguments) -> ToolAnswer:
    """The price of the asked stock."""
    price = rng.randint(1, 900)
    return ToolAnswer({"price": price}, f"The price of {asked['symbol']} is {price} dollars.")


def tell_converted(rng: Random, asked: Arguments) -> ToolAnswer:
    """The asked amount in the other currency."""
    amount = rng.randint(1, 99999)
    return ToolAnswer(
        {"amount": amount},
        f"{asked['amount']} {asked['source']} is {amount} {asked['target']}.",
    )


def tell_timer(_rng: Random, asked: Arguments) -> ToolAnswer:
    """The timer is set."""
    return ToolAnswer({"ok": True}, f"The timer is set to {asked['minutes']} minutes.")


def tell_user(rng: Random, asked: Arguments) -> ToolAnswer:
    """The name of the asked user."""
    name = person(rng)
    return ToolAnswer({"name": name}, f"User {asked['user_id']} is {name}.")


def tell_light(_rng: Random, asked: Arguments) -> ToolAnswer:
    """The light in the asked room is on."""
    return ToolAnswer({"ok": True}, f"The light in the {asked['room']} is on.")
