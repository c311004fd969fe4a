import fc from 'fast-check';
import { AnswerText } from './answer-text.js';
import type { Detokenize } from './token-text.js';

/** A vocabulary in which every byte is a token: the hardest case for characters. */
const bytes: Detokenize = (ids) => Buffer.from(ids).toString('utf8');

function idsOf(text: string): number[] {
  return [...Buffer.from(text, 'utf8')];
}

/** All text of an answer that ends by itself, and whether a stop string ended it. */
function answer(
  ids: readonly number[],
  { detokenize = bytes, stop = [] as string[], lastWords = [] as string[], deliveredBytes = 0 } = {},
): { text: string; pieces: string[]; stopped: boolean; used: number } {
  const assembler = new AnswerText({ detokenize, stop, lastWords, deliveredBytes });
  const pieces: string[] = [];
  for (const [index, id] of ids.entries()) {
    const { text, stopped } = assembler.push(id);
    pieces.push(text);
    if (stopped) return { text: pieces.join(''), pieces, stopped, used: index + 1 };
  }
  pieces.push(assembler.flush());
  return { text: pieces.join(''), pieces, stopped: false, used: ids.length };
}

/** Text of characters of one to four bytes, joined emoji among them. */
const words = fc.array(
  fc.oneof(fc.constantFrom('a', 'b', 'ab', 'é', '漢', '😀', '👩‍🚀', '\n', '###'), fc.string({ unit: 'grapheme' })),
);
const text = words.map((parts) => parts.join('').replaceAll('\uFFFD', ''));
const stops = fc.array(fc.constantFrom('ab', 'b', 'bab', '###', '漢', '😀a', 'é', '\n\n'), { maxLength: 4 });

/** Cuts of the bytes of a text into tokens. */
const cutText = fc.tuple(text, fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }));

/** A vocabulary whose tokens are these pieces of bytes. */
function vocabularyOf(whole: string, lengths: readonly number[]): { ids: number[]; detokenize: Detokenize } {
  const content = Buffer.from(whole, 'utf8');
  const pieces: Buffer[] = [];
  for (let at = 0; at < content.length;) {
    const length = lengths[pieces.length % lengths.length] ?? 1;
    pieces.push(content.subarray(at, at + length));
    at += length;
  }
  const detokenize: Detokenize = (ids) =>
    Buffer.concat(ids.map((id) => pieces[id] ?? Buffer.alloc(0))).toString('utf8');
  return { ids: pieces.map((_, id) => id), detokenize };
}

function utf8Length(value: string): number {
  return Buffer.byteLength(value, 'utf8');
}

describe('text of an answer', () => {
  it('is the same however the text is cut into tokens', () => {
    fc.assert(
      fc.property(cutText, ([whole, lengths]) => {
        const { ids, detokenize } = vocabularyOf(whole, lengths);
        expect(answer(ids, { detokenize }).text).toBe(whole);
      }),
    );
  });

  it('never shows a part of a character', () => {
    fc.assert(
      fc.property(cutText, stops, ([whole, lengths], stop) => {
        const { ids, detokenize } = vocabularyOf(whole, lengths);
        for (const piece of answer(ids, { detokenize, stop }).pieces) {
          expect(piece).not.toContain('\uFFFD');
          expect(Buffer.from(piece, 'utf8').toString('utf8')).toBe(piece);
        }
      }),
    );
  });

  it('ends in front of the first complete stop string, however it is cut', () => {
    fc.assert(
      fc.property(cutText, stops, ([whole, lengths], stop) => {
        const { ids, detokenize } = vocabularyOf(whole, lengths);
        const cut = answer(ids, { detokenize, stop });
        const byteByByte = answer(idsOf(whole), { stop });
        expect(cut.text).toBe(byteByByte.text);
        expect(cut.stopped).toBe(stop.some((candidate) => whole.includes(candidate)));
        expect(whole.startsWith(cut.text)).toBe(true);
        for (const candidate of stop) expect(cut.text).not.toContain(candidate);
      }),
    );
  });

  it('goes on at the delivered byte, whatever was cut off, with all ids pushed again', () => {
    fc.assert(
      fc.property(cutText, stops, fc.nat(), ([whole, lengths], stop, cutSeed) => {
        const { ids, detokenize } = vocabularyOf(whole, lengths);
        const undisturbed = answer(ids, { detokenize, stop });
        const pushed = cutSeed % (undisturbed.used + 1);
        const delivered = undisturbed.pieces.slice(0, pushed).join('');
        const rest = answer(ids, { detokenize, stop, deliveredBytes: utf8Length(delivered) });
        expect(delivered + rest.text).toBe(undisturbed.text);
        expect(rest.stopped).toBe(undisturbed.stopped);
      }),
    );
  });

  it('shows each character as soon as it is complete', () => {
    expect(answer(idsOf('a😀b')).pieces).toEqual(['a', '', '', '', '😀', 'b', '']);
  });

  it('holds back what may become a stop string and shows it when it does not', () => {
    expect(answer(idsOf('a##b'), { stop: ['###'] }).pieces).toEqual(['a', '', '', '##b', '']);
    expect(answer(idsOf('a##'), { stop: ['###'] }).pieces).toEqual(['a', '', '', '##']);
  });

  it('ends at the stop string that is complete first', () => {
    expect(answer(idsOf('xabcd'), { stop: ['abcd', 'bc'] })).toMatchObject({ text: 'xa', stopped: true, used: 4 });
  });

  it('ends behind its last words, which are shown', () => {
    const lastWords = ['</a>'];
    expect(answer(idsOf('x</a>y'), { lastWords })).toMatchObject({ text: 'x</a>', stopped: true, used: 5 });
    expect(answer(idsOf('x</b>'), { lastWords })).toMatchObject({ text: 'x</b>', stopped: false });
    expect(answer(idsOf('x</a>'), { lastWords, stop: ['/a'] })).toMatchObject({ text: 'x<', stopped: true });
  });

  it('ignores an empty stop string', () => {
    expect(answer(idsOf('abc'), { stop: [''] })).toMatchObject({ text: 'abc', stopped: false });
  });

  it('shows a broken byte as U+FFFD once the next character is there, and drops an unfinished end', () => {
    expect(answer([0x61, 0xff, 0x62]).text).toBe('a\uFFFDb');
    expect(answer([0x61, 0xf0, 0x9f]).text).toBe('a');
  });
});
