"""Questions whose answer stands in the context, or does not stand there."""

from random import Random

from recipe.conversation import Conversation, exchange
from recipe.documents.context_facts import made_up_fact

NOT_IN_CONTEXT = "I do not know. The context does not say that."
INSTRUCTIONS = [
    "Answer from this context.",
    "Use this context to answer.",
    "Answer the question with the context below.",
    "Use the following knowledge to answer the question.",
    "You are a support assistant. Use the knowledge below.",
    "You are a helpful assistant. Answer only from the context.",
    "Use only the facts below.",
]


def context_question(
    rng: Random,
    *,
    held_out: bool = False,
    fact_count: int | None = None,
    unanswerable: bool | None = None,
) -> Conversation:
    """One or two questions about one to eight facts in the system message or before the question.

    What is not given is drawn; `held_out` uses attributes that no training document has.
    """
    count = fact_count or rng.choice([1, 1, 2, 2, 3, 3, 4, 5, 6, 8])
    facts = [made_up_fact(rng, held_out) for _ in range(count)]
    asked = facts[rng.randrange(count)]
    question, answer = rng.choice(asked.questions), asked.sentence
    if rng.random() < 0.18 if unanswerable is None else unanswerable:
        question, answer = rng.choice(made_up_fact(rng, held_out).questions), NOT_IN_CONTEXT
    context = _context(rng, [fact.sentence for fact in facts])
    if rng.random() >= 0.8:
        label = rng.choice(["Question: ", ""])
        return Conversation(exchange(f"{context}\n\n{label}{question}", answer))
    system = f"{rng.choice(INSTRUCTIONS)}\n\n{context}"
    turns = exchange(question, answer)
    if rng.random() < 0.25:
        second = facts[rng.randrange(count)]
        turns += exchange(rng.choice(second.questions), second.sentence)
    return Conversation(turns, system=system)


def _context(rng: Random, sentences: list[str]) -> str:
    """The sentences in one of the layouts in which applications pass them."""
    numbered = [f"[{number}] {sentence}" for number, sentence in enumerate(sentences, 1)]
    return [
        "Context:\n" + "\n".join("- " + sentence for sentence in sentences),
        "Context: " + " ".join(sentences),
        "<context>\n" + "\n".join(sentences) + "\n</context>",
        "Knowledge:\n" + "\n".join(numbered),
        "Facts:\n" + "\n".join("* " + sentence for sentence in sentences),
    ][rng.randint(0, 4)]
