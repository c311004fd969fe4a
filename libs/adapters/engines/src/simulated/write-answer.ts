import { tokenize } from './vocabulary.js';

/** Answers are made of these; each is one token but for those with characters of several bytes. */
const PHRASES = [
  ...[' the', ' of', ' and', ' a', ' to', ' in', ' is', ' it', ' that', ' with', ' for', ' as', ' on', ' at', ' by'],
  ...[' river', ' stone', ' light', ' paper', ' garden', ' window', ' summer', ' winter', ' letter', ' harbour'],
  ...[' mill', ' wheel', ' water', ' grain', ' flour', ' bread', ' bridge', ' valley', ' market', ' lantern'],
  ...[' turns', ' carries', ' waits', ' opens', ' follows', ' gathers', ' answers', ' listens', ' crosses', ' rests'],
  ...[' slow', ' bright', ' quiet', ' early', ' narrow', ' warm', ' small', ' distant', ' heavy', ' clear'],
  ...[',', '.', '. The', '. Then', ' café', ' naïve', ' 水', ' 🌊', '\n'],
].map(tokenize);
const SHORTEST = tokenize(' the');

/** The ids of an answer, one after the other. */
export interface TokenSource {
  readonly length: number;
  /** Not called more than `length` times. */
  next(): number;
}

/** Words without a meaning: the same for the same `seed`. */
export function writeWords(seed: number, length: number): TokenSource {
  const random = mulberry32(seed);
  let phrase: readonly number[] = [];
  let position = 0;
  let left = length;
  const next = (): number => {
    if (position >= phrase.length) {
      phrase = PHRASES[random() % PHRASES.length] ?? [];
      position = 0;
      // A character is never begun where the answer ends.
      if (phrase.length > left) phrase = SHORTEST;
    }
    left -= 1;
    return phrase[position++] ?? 0;
  };
  return { length, next };
}

/** The tokens of a given text. */
export function writeText(text: string): TokenSource {
  const ids = tokenize(text);
  let position = 0;
  return { length: ids.length, next: () => ids[position++] ?? 0 };
}

/** Random 32-bit numbers from a seed (Tommy Ettinger's mulberry32, public domain). */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}
