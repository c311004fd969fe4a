"""System messages that change nothing in the answer."""

SYSTEM_MESSAGES = [
    "You are a helpful assistant.",
    "You are a helpful assistant.",
    "You are a friendly assistant. Answer in short sentences.",
    "Be brief.",
    "You are a tiny chat model.",
    "Answer the question of the user.",
    "You are an AI assistant. Be kind and correct.",
    "You are a chat assistant on a website.",
]
