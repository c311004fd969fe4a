"""A byte-level BPE tokenizer, compatible with llama.cpp's model `gpt2` and pre-tokenizer `qwen2`."""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import regex

# The words within which tokens are merged; every digit is a word of its own.
WORD = regex.compile(
    r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
END_OF_TEXT = "<|endoftext|>"
CONTROL_TOKENS = [END_OF_TEXT, "<|im_start|>", "<|im_end|>"]
# Whole tokens that a text may contain; their ids come first.
SPECIAL_TOKENS = [*CONTROL_TOKENS, "<tool_call>", "</tool_call>", "<tools>", "</tools>"]
SPECIAL = regex.compile("(" + "|".join(map(regex.escape, SPECIAL_TOKENS)) + ")")
CACHED_WORDS = 500_000
NEVER_MERGED = 1 << 30


class Word(NamedTuple):
    """A pre-tokenized word; a special one is a token as it is."""

    text: str
    special: bool


def _printable_bytes() -> dict[int, str]:
    """GPT-2's map: printable bytes stand for themselves, the others for the characters from U+0100 on."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    characters = {byte: chr(byte) for byte in printable}
    return characters | {byte: chr(256 + index) for index, byte in enumerate(others)}


CHARACTER_OF_BYTE = _printable_bytes()
BYTE_OF_CHARACTER = {character: byte for byte, character in CHARACTER_OF_BYTE.items()}


def byte_characters(word: str) -> list[str]:
    """The UTF-8 bytes of a word, one printable character each."""
    return [CHARACTER_OF_BYTE[byte] for byte in word.encode()]


def words(text: str) -> Iterator[Word]:
    """The words and special tokens of a text, in order and without loss."""
    for part in SPECIAL.split(text):
        if part in SPECIAL_TOKENS:
            yield Word(part, True)
        else:
            for word in WORD.findall(part):
                yield Word(word, False)


class Tokenizer:
    """A vocabulary in the order of its ids, and its merges in the order in which they were learned."""

    def __init__(self, tokens: list[str], merges: list[str]) -> None:
        self.tokens = tokens
        self.merges = merges
        self._ids = {token: number for number, token in enumerate(tokens)}
        self._ranks = {tuple(merge.split(" ")): rank for rank, merge in enumerate(merges)}
        self._cache: dict[str, list[int]] = {}

    @staticmethod
    def load(path: Path) -> "Tokenizer":
        """Reads a file that `save` wrote."""
        stored = json.loads(path.read_text(encoding="utf-8"))
        return Tokenizer(stored["tokens"], stored["merges"])

    def save(self, path: Path) -> None:
        """Writes the vocabulary and the merges as JSON."""
        path.write_text(json.dumps({"tokens": self.tokens, "merges": self.merges}), encoding="utf-8")

    def encode(self, text: str) -> list[int]:
        """The token ids of a text; special tokens in it are recognized."""
        ids: list[int] = []
        for word, special in words(text):
            ids.extend([self._ids[word]] if special else self._encode_word(word))
        return ids

    def decode(self, ids: list[int]) -> str:
        """The text of token ids, with U+FFFD for a character that is cut."""
        text = b""
        for number in ids:
            token = self.tokens[number]
            is_special = number < len(SPECIAL_TOKENS)
            text += token.encode() if is_special else bytes(BYTE_OF_CHARACTER[c] for c in token)
        return text.decode(errors="replace")

    def _encode_word(self, word: str) -> list[int]:
        if word not in self._cache:
            ids = [self._ids[part] for part in self._merge(byte_characters(word))]
            if len(self._cache) >= CACHED_WORDS:
                return ids
            self._cache[word] = ids
        return self._cache[word]

    def _merge(self, parts: list[str]) -> list[str]:
        """Merges the pair that was learned first, again and again, until no pair is known."""
        while len(parts) > 1:
            ranks = [self._ranks.get(pair, NEVER_MERGED) for pair in pairwise(parts)]
            first = min(ranks)
            if first == NEVER_MERGED:
                break
            at = ranks.index(first)
            parts[at : at + 2] = [parts[at] + parts[at + 1]]
        return parts
