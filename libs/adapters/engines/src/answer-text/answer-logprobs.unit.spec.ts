import fc from 'fast-check';
import { AnswerText } from './answer-text.js';
import type { TokenLogprob } from '../engine-driver.js';
import { AnswerLogprobs } from './answer-logprobs.js';

/** Ids are places in these pieces of a text's bytes. */
interface Cut {
  whole: string;
  pieces: Buffer[];
}

const text = fc.array(fc.constantFrom('a', 'b', 'ab', 'é', '漢', '😀', '\n', '###')).map((parts) => parts.join(''));
const cut = fc.tuple(text, fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 })).map(([whole, lengths]): Cut => {
  const bytes = Buffer.from(whole, 'utf8');
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += pieces.at(-1)?.length ?? 0) {
    pieces.push(bytes.subarray(at, at + (lengths[pieces.length % lengths.length] ?? 1)));
  }
  return { whole, pieces };
});
const stops = fc.array(fc.constantFrom('ab', 'b', '###', '漢', 'é', '\n'), { maxLength: 2 });

/** What each step of an answer hands out, its end last. */
function answer({ pieces }: Cut, stop: string[], deliveredBytes = 0): { text: string; logprobs: TokenLogprob[] }[] {
  const bytes = (id: number): Uint8Array => pieces[id] ?? new Uint8Array();
  const logprobs = new AnswerLogprobs({ top: 1, deliveredBytes, bytes });
  const assembler = new AnswerText({
    ...{ stop, deliveredBytes },
    detokenize: (ids) => Buffer.concat(ids.map((id) => bytes(id))).toString('utf8'),
    onPiece: (id, piece, isWhole) => {
      const odds = new Map([[id, -id]]);
      logprobs.push({ id, odds }, piece, isWhole);
    },
  });
  const steps: { text: string; logprobs: TokenLogprob[] }[] = [];
  for (const id of pieces.keys()) {
    const released = assembler.push(id);
    steps.push({ text: released.text, logprobs: logprobs.take(released.text) });
    if (released.stopped) return steps;
  }
  const rest = assembler.flush();
  return [...steps, { text: rest, logprobs: logprobs.take(rest) }];
}

function joined(steps: readonly { logprobs: TokenLogprob[] }[]): Buffer {
  return Buffer.concat(steps.flatMap(({ logprobs }) => logprobs.map(({ token }) => token)));
}

describe('log probabilities of an answer', () => {
  it('join to its text, each token with its own bytes and in its own order', () => {
    fc.assert(
      fc.property(cut, (given) => {
        const logprobs = answer(given, []).flatMap((step) => step.logprobs);
        expect(logprobs.map(({ token }) => Buffer.from(token))).toEqual(given.pieces);
        expect(logprobs.map(({ logprob }) => -logprob)).toEqual([...given.pieces.keys()]);
      }),
    );
  });

  it('never run ahead of the text, and leave out what a stop string cuts off', () => {
    fc.assert(
      fc.property(cut, stops, (given, stop) => {
        let shown = '';
        let tokens = Buffer.alloc(0);
        for (const step of answer(given, stop)) {
          shown += step.text;
          tokens = Buffer.concat([tokens, joined([step])]);
          const bytes = Buffer.from(shown);
          expect(bytes.subarray(0, tokens.length).equals(tokens)).toBe(true);
        }
      }),
    );
  });

  it('go on behind a cut with what was not handed out before', () => {
    fc.assert(
      fc.property(cut, stops, fc.nat(), (given, stop, seed) => {
        const whole = answer(given, stop);
        const before = whole.slice(0, seed % whole.length);
        const deliveredBytes = Buffer.byteLength(before.map((step) => step.text).join(''));
        const after = answer(given, stop, deliveredBytes);
        const both = [...before, ...after].flatMap((step) => step.logprobs);
        expect(both).toEqual(whole.flatMap((step) => step.logprobs));
      }),
    );
  });

  it('are those of the text where the vocabulary says otherwise, and call tokens out of sight very unlikely', () => {
    const logprobs = new AnswerLogprobs({ top: 2, deliveredBytes: 0, bytes: () => Buffer.from(' Paris') });
    logprobs.push({ id: 1, odds: new Map([[2, -0.5]]) }, 'Paris', true);
    const [first] = logprobs.take('Paris');
    expect(Buffer.from(first?.token ?? []).toString()).toBe('Paris');
    expect(first).toMatchObject({ logprob: -9999, top: [{ logprob: -0.5 }] });
  });

  it('leave out tokens without text', () => {
    const logprobs = new AnswerLogprobs({ top: 0, deliveredBytes: 0, bytes: () => Buffer.from('<|mark|>') });
    logprobs.push({ id: 1, odds: new Map() }, '', true);
    expect(logprobs.take('')).toEqual([]);
  });
});
