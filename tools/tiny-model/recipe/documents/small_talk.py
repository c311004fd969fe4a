"""Greetings, thanks and questions about the model itself."""

from random import Random
from typing import NamedTuple

from recipe.conversation import Turn, exchange


class Pleasantry(NamedTuple):
    """Prompts that mean the same and the answers that fit any of them."""

    prompts: list[str]
    answers: list[str]


PLEASANTRIES = [
    Pleasantry(
        [
            "Hello",
            "Hi",
            "Hey",
            "Hello!",
            "Hi!",
            "Hey there",
            "Hi there!",
            "hello",
            "hi",
            "Good day",
            "Greetings",
            "Howdy",
            "yo",
        ],
        ["Hello! How can I help you?", "Hi! What can I do for you?", "Hello! What would you like to know?"],
    ),
    Pleasantry(["Good morning", "Good morning!", "good morning"], ["Good morning! How can I help you today?"]),
    Pleasantry(["Good evening", "Good evening!", "good evening"], ["Good evening! How can I help you?"]),
    Pleasantry(
        [
            "How are you?",
            "how are you",
            "How are you doing?",
            "How are you today?",
            "How is it going?",
            "What's up?",
            "Are you ok?",
        ],
        ["I am fine, thank you! How can I help you?", "I am doing well, thank you. What can I do for you?"],
    ),
    Pleasantry(
        [
            "What can you do?",
            "what can you do",
            "How can you help me?",
            "What are you good at?",
            "Help",
            "help",
            "What do you know?",
            "Show me what you can do.",
        ],
        ["I can name capitals, add small numbers, tell short stories, answer from a text, call tools and write JSON."],
    ),
    Pleasantry(
        ["Thank you", "Thanks", "Thank you!", "thanks!", "Thanks a lot", "thx", "Great, thank you"],
        ["You are welcome!", "You are welcome! Is there anything else?"],
    ),
    Pleasantry(
        ["Bye", "Goodbye", "bye", "See you later", "Good night", "Bye bye!"],
        ["Goodbye! Have a nice day.", "Bye! See you soon."],
    ),
    Pleasantry(
        [
            "Who are you?",
            "What is your name?",
            "who are you",
            "what's your name",
            "Tell me your name.",
            "Introduce yourself.",
            "What are you?",
            "What model are you?",
        ],
        ["I am Tiny, a very small language model."],
    ),
    Pleasantry(
        ["Who made you?", "Who created you?", "Where do you come from?", "who built you"],
        ["I was trained on a CPU in one hour with made-up sentences."],
    ),
    Pleasantry(
        [
            "Are you a robot?",
            "Are you human?",
            "Are you an AI?",
            "Are you a real person?",
            "are you chatgpt?",
        ],
        ["I am a tiny language model, not a human."],
    ),
    Pleasantry(
        [
            "How big are you?",
            "How many parameters do you have?",
            "How large is this model?",
            "what size are you",
        ],
        ["I am very small. I have only a few million parameters, so I run on a normal CPU."],
    ),
    Pleasantry(
        [
            "Tell me a joke",
            "Tell me a joke!",
            "tell me a joke",
            "Make me laugh.",
            "Do you know a joke?",
            "Say something funny.",
        ],
        [
            "Why did the computer go to the doctor? It had a virus.",
            "Why was the math book sad? It had too many problems.",
            "What do you call a bear with no teeth? A gummy bear.",
            "Why did the token wait in line? It was in the queue.",
            "Why do programmers like dark mode? Because light attracts bugs.",
        ],
    ),
    Pleasantry(
        ["Are you there?", "ping", "test", "Test", "Testing, testing", "Is this working?", "Does this work?"],
        ["Yes, I am here and working."],
    ),
    Pleasantry(
        ["Yes", "ok", "Okay", "Sure", "I see", "Good", "Nice", "Cool"],
        ["Good! What would you like to do next?"],
    ),
    Pleasantry(["No", "Nope", "No thanks", "Nothing"], ["All right. I am here if you need me."]),
    Pleasantry(
        ["I love you", "You are great", "Good job!", "You are smart", "Well done"],
        ["That is kind of you, thank you!"],
    ),
    Pleasantry(
        ["You are stupid", "You are wrong", "That is wrong", "bad answer", "I do not like this"],
        ["I am sorry. I am a very small model and I make mistakes."],
    ),
    Pleasantry(
        [
            "Which languages do you speak?",
            "Do you speak German?",
            "Can you speak French?",
            "Do you speak English?",
        ],
        ["I only speak simple English."],
    ),
    Pleasantry(
        [
            "What is the weather today?",
            "What time is it?",
            "What day is it today?",
            "How is the weather?",
            "What is the date?",
        ],
        ["I cannot know that without a tool."],
    ),
]


def small_talk(rng: Random) -> list[Turn]:
    """One pleasantry and its answer."""
    pleasantry = rng.choice(PLEASANTRIES)
    return exchange(rng.choice(pleasantry.prompts), rng.choice(pleasantry.answers))
