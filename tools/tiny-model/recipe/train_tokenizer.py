"""Learns the vocabulary from generated documents: the most frequent pair of tokens becomes a token, repeatedly.

Run as `python3 -m recipe.train_tokenizer --out build/tok.json`.
"""

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from random import Random

from recipe.conversation import render
from recipe.documents.mixture import document
from recipe.tokenizer import CHARACTER_OF_BYTE, SPECIAL_TOKENS, Tokenizer, byte_characters, words

Pair = tuple[str, str]

# A pair that occurs once is no rule.
LEAST_COUNT = 2
# Rarer words add nothing to the counts of pairs but time.
COUNTED_WORDS = 30_000


class PairCounts:
    """How often each pair of neighbouring tokens occurs in the words, kept up to date while they merge."""

    def __init__(self, word_counts: Counter[str]) -> None:
        common = word_counts.most_common(COUNTED_WORDS)
        self._words = [(byte_characters(word), count) for word, count in common]
        self._counts: Counter[Pair] = Counter()
        self._words_with: defaultdict[Pair, set[int]] = defaultdict(set)
        for number in range(len(self._words)):
            self._add(number)

    def most_frequent(self) -> Pair | None:
        """The pair to merge next, ties broken by the text; none when all are too rare."""
        pair, count = max(self._counts.items(), key=lambda item: (item[1], item[0]))
        return pair if count >= LEAST_COUNT else None

    def merge(self, pair: Pair) -> None:
        """Makes one token of the pair wherever it occurs."""
        for number in list(self._words_with[pair]):
            tokens, count = self._words[number]
            for neighbours in pairwise(tokens):
                self._counts[neighbours] -= count
            self._words[number] = (_merged(tokens, pair), count)
            self._add(number)
        del self._counts[pair]

    def _add(self, number: int) -> None:
        tokens, count = self._words[number]
        for neighbours in pairwise(tokens):
            self._counts[neighbours] += count
            self._words_with[neighbours].add(number)


def _merged(tokens: list[str], pair: Pair) -> list[str]:
    merged: list[str] = []
    position = 0
    while position < len(tokens):
        if tuple(tokens[position : position + 2]) == pair:
            merged.append(pair[0] + pair[1])
            position += 2
        else:
            merged.append(tokens[position])
            position += 1
    return merged


def train(texts: Iterable[str], vocabulary_size: int) -> Tokenizer:
    """A tokenizer of at most `vocabulary_size` tokens: special ones, the 256 bytes, then the merges."""
    word_counts = Counter(word.text for text in texts for word in words(text) if not word.special)
    pairs = PairCounts(word_counts)
    merges: list[Pair] = []
    while len(merges) < vocabulary_size - 256 - len(SPECIAL_TOKENS):
        pair = pairs.most_frequent()
        if pair is None:
            break
        pairs.merge(pair)
        merges.append(pair)
    byte_tokens = [CHARACTER_OF_BYTE[byte] for byte in range(256)]
    tokens = [*SPECIAL_TOKENS, *byte_tokens, *(left + right for left, right in merges)]
    return Tokenizer(tokens, [f"{left} {right}" for left, right in merges])


def main() -> None:
    """Trains on documents of a fixed seed and tells how well the vocabulary fits."""
    parser = argparse.ArgumentParser(description="Train the tokenizer on generated documents.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--documents", type=int, default=40_000)
    parser.add_argument("--vocabulary", type=int, default=3072, help="number of tokens")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    rng = Random(options.seed)
    texts = (render(document(rng)) for _ in range(options.documents))
    tokenizer = train(texts, options.vocabulary)
    tokenizer.save(options.out)
    unseen = [tokenizer.encode(render(document(rng))) for _ in range(500)]
    mean = sum(map(len, unseen)) / len(unseen)
    print(f"{options.out}: {len(tokenizer.tokens)} tokens, {mean:.0f} of them in a document on average")


if __name__ == "__main__":
    main()
