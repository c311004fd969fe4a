"""Endless batches of freshly generated documents; none is seen twice."""

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from recipe.conversation import Conversation, segments
from recipe.documents.mixture import document
from recipe.tokenizer import Tokenizer

# Documents that are sorted by length together, so that a batch needs little padding.
POOL_DOCUMENTS = 1600
# A few tokens that the model need not write are learned a little: they teach how questions read.
PROMPT_SHARE = 0.06
PROMPT_WEIGHT = 0.5


class Example(NamedTuple):
    """A document as token ids, and which of them the model learns to write."""

    ids: list[int]
    learned: list[bool]


class Batch(NamedTuple):
    """Padded ids (document, position) and the weight of each id's successor in the loss."""

    ids: Tensor
    weights: Tensor


class Documents:
    """Training documents as examples, cut at `context` tokens."""

    def __init__(self, tokenizer: Tokenizer, context: int) -> None:
        self._tokenizer = tokenizer
        self._context = context

    def example(self, rng: Random) -> Example:
        """The next document."""
        return self.encode(document(rng))

    def encode(self, conversation: Conversation) -> Example:
        """The example of a given document."""
        ids: list[int] = []
        learned: list[bool] = []
        for segment in segments(conversation):
            encoded = self._tokenizer.encode(segment.text)
            ids += encoded
            learned += [segment.learned] * len(encoded)
        return Example(ids[: self._context], learned[: self._context])


def batches(documents: Documents, batch_tokens: int, seed: int) -> Iterator[Batch]:
    """Batches of at most `batch_tokens` tokens with padding, in random order."""
    rng = Random(seed * 1000 + 5)
    noise = np.random.default_rng(seed)
    while True:
        pool = [documents.example(rng) for _ in range(POOL_DOCUMENTS)]
        # Up to eight tokens of jitter: documents of one length do not always meet the same others.
        pool.sort(key=lambda example: len(example.ids) + rng.random() * 8)
        grouped = _grouped(pool, batch_tokens)
        rng.shuffle(grouped)
        for examples in grouped:
            yield _padded(examples, noise)


def _grouped(pool: list[Example], batch_tokens: int) -> list[list[Example]]:
    groups: list[list[Example]] = []
    longest = 0
    for example in pool:
        length = len(example.ids)
        if groups and max(longest, length) * (len(groups[-1]) + 1) <= batch_tokens:
            groups[-1].append(example)
            longest = max(longest, length)
        else:
            groups.append([example])
            longest = length
    # The last group of a pool is seldom full.
    return groups[:-1]


def _padded(examples: list[Example], noise: np.random.Generator) -> Batch:
    length = max(len(example.ids) for example in examples)
    ids = np.zeros((len(examples), length), np.int64)
    learned = np.zeros((len(examples), length), np.float32)
    for row, example in enumerate(examples):
        ids[row, : len(example.ids)] = example.ids
        learned[row, : len(example.ids)] = example.learned
    weights = learned[:, 1:].copy()
    # Padding has id 0, the end of text, which no document contains.
    is_prompt = (ids[:, 1:] != 0) & (weights == 0)
    weights[is_prompt & (noise.random(weights.shape) < PROMPT_SHARE)] = PROMPT_WEIGHT
    return Batch(torch.from_numpy(ids), torch.from_numpy(weights))
