import fc from 'fast-check';
import { detokenize, tokenize } from './vocabulary.js';
import { writeText, writeWords } from './write-answer.js';
import type { TokenSource } from './write-answer.js';

function idsOf(source: TokenSource): number[] {
  return Array.from({ length: source.length }, () => source.next());
}

function textOf(ids: readonly number[]): string {
  return detokenize(ids, []);
}

describe('the words of a simulated answer', () => {
  it('are the same for the same seed and others for another', () => {
    expect(idsOf(writeWords(7, 50))).toEqual(idsOf(writeWords(7, 50)));
    expect(idsOf(writeWords(7, 50))).not.toEqual(idsOf(writeWords(8, 50)));
  });

  it('begin alike whatever their length, but for the end', () => {
    expect(idsOf(writeWords(7, 50)).slice(0, 40)).toEqual(idsOf(writeWords(7, 100)).slice(0, 40));
  });

  it('have as many tokens as asked for, and end with a whole character', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 80 }), (seed, length) => {
        const ids = idsOf(writeWords(seed, length));
        expect(ids).toHaveLength(length);
        expect(textOf(ids)).not.toContain('\uFFFD');
      }),
    );
  });
});

describe('the tokens of a simulated model', () => {
  it('give every text back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(textOf(tokenize(text))).toBe(text);
        expect(textOf(idsOf(writeText(text)))).toBe(text);
      }),
    );
  });

  it('are words where they can be, and bytes where not', () => {
    expect(tokenize(' the river')).toHaveLength(2);
    expect(tokenize('水')).toEqual([0xe6, 0xb0, 0xb4]);
  });

  it('that it does not have are no text', () => {
    expect(textOf([100_000])).toBe('');
    expect(textOf([100_000, 0x61])).toBe('a');
  });
});
