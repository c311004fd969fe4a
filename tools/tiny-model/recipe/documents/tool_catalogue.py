"""Twenty everyday tools that the model knows by heart."""

from recipe.documents import tool_values as values
from recipe.documents.tool import Tool
from recipe.invented import email, person, proper_name
from recipe.word_lists import CITIES

SUBJECTS = ["Hello", "Meeting", "Invoice", "Report", "Question", "Offer"]
PHRASES = [
    "good morning",
    "thank you",
    "where is the station",
    "I love you",
    "one coffee please",
    "see you tomorrow",
]
LANGUAGES = ["German", "French", "Spanish", "Italian", "Japanese", "Polish"]
TICKET_TITLES = [
    "Printer broken",
    "No network",
    "Login fails",
    "Screen is black",
    "Slow server",
    "Disk is full",
]
ROOMS = ["kitchen", "bedroom", "bathroom", "garage", "office", "hall"]

# Their order is part of what a seed reproduces.
TOOLS = [
    Tool(
        "get_weather",
        "Get the weather of a city",
        {"city": "string"},
        lambda rng: {"city": rng.choice([*CITIES, proper_name(rng)])},
        [
            "What is the weather in {city}?",
            "How is the weather in {city}?",
            "Is it raining in {city}?",
            "weather {city}",
            "Tell me the weather in {city}.",
            "Do I need an umbrella in {city}?",
            "what's the weather like in {city} today?",
        ],
        values.tell_weather,
    ),
    Tool(
        "get_time",
        "Get the current time in a city",
        {"city": "string"},
        lambda rng: {"city": rng.choice(CITIES)},
        [
            "What time is it in {city}?",
            "Tell me the time in {city}.",
            "current time in {city}",
            "What is the local time in {city}?",
        ],
        values.tell_time,
    ),
    Tool(
        "search_web",
        "Search the web",
        {"query": "string"},
        values.query,
        [
            "Search the web for {query}.",
            "Search for {query}.",
            "Google {query}.",
            "Look up {query} on the web.",
            "Find pages about {query}.",
        ],
    ),
    Tool(
        "search_docs",
        "Search the knowledge base",
        {"query": "string"},
        values.query,
        [
            "Search the docs for {query}.",
            "What do our documents say about {query}?",
            "Look in the knowledge base for {query}.",
        ],
    ),
    Tool(
        "send_email",
        "Send an email",
        {"to": "string", "subject": "string"},
        lambda rng: {"to": email(rng), "subject": rng.choice(SUBJECTS)},
        [
            "Send an email to {to} with the subject {subject}.",
            "Email {to} about {subject}.",
            "Write a mail to {to}, subject {subject}.",
        ],
    ),
    Tool(
        "calculate",
        "Calculate a math expression",
        {"expression": "string"},
        lambda rng: {"expression": f"{rng.randint(1, 999)} {rng.choice('+-*/')} {rng.randint(1, 999)}"},
        [
            "Calculate {expression}.",
            "What is {expression}?",
            "Compute {expression} for me.",
            "How much is {expression}?",
        ],
        values.tell_result,
    ),
    Tool(
        "get_order",
        "Get the status of an order",
        {"order_id": "string"},
        values.order_id,
        [
            "Where is my order {order_id}?",
            "What is the status of order {order_id}?",
            "Track order {order_id}.",
            "Check order {order_id}, please.",
        ],
        values.tell_order_state,
    ),
    Tool(
        "cancel_order",
        "Cancel an order",
        {"order_id": "string"},
        values.order_id,
        [
            "Cancel order {order_id}.",
            "Please cancel my order {order_id}.",
            "I do not want order {order_id} any more.",
        ],
    ),
    Tool(
        "get_stock_price",
        "Get the price of a stock",
        {"symbol": "string"},
        values.stock_symbol,
        [
            "What is the stock price of {symbol}?",
            "How much is {symbol} worth?",
            "Stock price {symbol}",
            "Show me the price of the stock {symbol}.",
        ],
        values.tell_stock_price,
    ),
    Tool(
        "convert_currency",
        "Convert money to another currency",
        {"amount": "number", "source": "string", "target": "string"},
        values.money,
        [
            "Convert {amount} {source} to {target}.",
            "How much is {amount} {source} in {target}?",
            "{amount} {source} to {target}",
        ],
        values.tell_converted,
    ),
    Tool(
        "translate",
        "Translate a text",
        {"text": "string", "language": "string"},
        lambda rng: {"text": rng.choice(PHRASES), "language": rng.choice(LANGUAGES)},
        [
            "Translate {text} to {language}.",
            "How do you say {text} in {language}?",
            "What is {text} in {language}?",
        ],
    ),
    Tool(
        "set_timer",
        "Set a timer",
        {"minutes": "integer"},
        lambda rng: {"minutes": rng.randint(1, 90)},
        [
            "Set a timer for {minutes} minutes.",
            "Wake me in {minutes} minutes.",
            "Start a {minutes} minute timer.",
        ],
        values.tell_timer,
    ),
    Tool(
        "create_ticket",
        "Create a support ticket",
        {"title": "string", "priority": "string"},
        lambda rng: {
            "title": rng.choice(TICKET_TITLES),
            "priority": rng.choice(["low", "medium", "high"]),
        },
        [
            "Create a {priority} priority ticket: {title}.",
            "Open a ticket with the title {title} and priority {priority}.",
            "Make a ticket for {title}, priority {priority}.",
        ],
    ),
    Tool(
        "book_table",
        "Book a table in a restaurant",
        {"restaurant": "string", "people": "integer"},
        lambda rng: {"restaurant": proper_name(rng), "people": rng.randint(1, 12)},
        [
            "Book a table at {restaurant} for {people} people.",
            "Reserve a table for {people} at {restaurant}.",
            "I want to eat at {restaurant} with {people} people.",
        ],
    ),
    Tool(
        "get_user",
        "Get a user",
        {"user_id": "integer"},
        lambda rng: {"user_id": rng.randint(1, 9999)},
        [
            "Show me user {user_id}.",
            "Who is user {user_id}?",
            "Get the user with the id {user_id}.",
        ],
        values.tell_user,
    ),
    Tool(
        "play_music",
        "Play music",
        {"artist": "string"},
        lambda rng: {"artist": person(rng)},
        ["Play music by {artist}.", "I want to hear {artist}.", "Put on some {artist}."],
    ),
    Tool(
        "turn_on_light",
        "Turn on a light",
        {"room": "string"},
        lambda rng: {"room": rng.choice(ROOMS)},
        [
            "Turn on the light in the {room}.",
            "Light on in the {room}, please.",
            "It is dark in the {room}.",
        ],
        values.tell_light,
    ),
    Tool(
        "add_todo",
        "Add an item to the todo list",
        {"item": "string"},
        values.todo_item,
        ["Add {item} to my todo list.", "Remind me to {item}.", "Put {item} on my list."],
    ),
    Tool(
        "list_files",
        "List the files of a folder",
        {"path": "string"},
        values.path,
        ["List the files in {path}.", "What is in the folder {path}?", "Show me {path}."],
    ),
    Tool(
        "restart_server",
        "Restart a server",
        {"name": "string"},
        lambda rng: {"name": f"{proper_name(rng).lower()}-{rng.randint(1, 20)}"},
        [
            "Restart the server {name}.",
            "Please reboot {name}.",
            "The server {name} hangs, restart it.",
        ],
    ),
]
