import { ask, read } from '@millrace/testing';
import type { Answer } from '@millrace/testing';
import { loadTinyReplica } from '../../test/tiny-replica.js';
import type { EngineReplica, GenerateRequest, TokenLogprob } from '../engine-driver.js';

const PARIS = 'What is the capital of France?';

let replica: EngineReplica;
beforeAll(async () => (replica = await loadTinyReplica()));
afterAll(async () => replica.stop());

function asking(question: string, more: Partial<GenerateRequest> = {}): Promise<Answer> {
  return read(replica, ask(question, { topLogprobs: 5, ...more }));
}

function joined(logprobs: readonly TokenLogprob[]): string {
  return Buffer.concat(logprobs.map(({ token }) => token)).toString('utf8');
}

describe('log probabilities of the llama-cpp driver', () => {
  it('stand for tokens that join to the text, each with its alternatives, likeliest first', async () => {
    const { text, logprobs, tokenIds } = await asking(PARIS);
    expect(joined(logprobs)).toBe(text);
    expect(logprobs).toHaveLength(tokenIds.length);
    for (const { token, logprob, top } of logprobs) {
      expect(top).toHaveLength(5);
      expect(top[0]).toEqual({ token, logprob });
      const values = top.map((other) => other.logprob);
      expect(values).toEqual([...values].sort((a, b) => b - a));
      const sum = values.reduce((total, value) => total + Math.exp(value), 0);
      expect([sum > 0.2, sum <= 1.0001, logprob <= 0.0001]).toEqual([true, true, true]);
    }
  });

  it('come without alternatives where none are asked for, and not at all where they are not', async () => {
    const { logprobs } = await asking(PARIS, { topLogprobs: 0 });
    expect(logprobs.length).toBeGreaterThan(3);
    expect(logprobs.every(({ top }) => top.length === 0)).toBe(true);
    const { chunks } = await read(replica, ask(PARIS));
    expect(chunks.some((chunk) => 'logprobs' in chunk)).toBe(false);
  });

  it('are those of the model itself, before temperature, filters, penalties and bias', async () => {
    const { logprobs } = await asking(PARIS);
    const sampling = { temperature: 2, topP: 0.1, seed: 3, presencePenalty: 2, logitBias: { 300: 5 } };
    const other = await asking(PARIS, { sampling, maxCompletionTokens: 1 });
    const values = (first: TokenLogprob | undefined): unknown[] =>
      (first?.top ?? []).map(({ token, logprob }) => [Buffer.from(token).toString(), logprob.toFixed(3)]);
    expect(values(other.logprobs[0])).toEqual(values(logprobs[0]));
  });

  it('change nothing about what is sampled', async () => {
    for (const temperature of [0, 1.2]) {
      const request = { sampling: { temperature, topP: 0.9, seed: 4 }, maxCompletionTokens: 30 };
      const plain = await read(replica, ask('Tell me a story about a dragon.', request));
      expect((await asking('Tell me a story about a dragon.', request)).tokenIds).toEqual(plain.tokenIds);
    }
  });

  it('leave out tokens that a stop string cuts off', async () => {
    const { text, logprobs } = await asking(PARIS, { stop: ['ance is Par'] });
    expect(text).toBe('The capital of Fr');
    expect(text.startsWith(joined(logprobs))).toBe(true);
    expect(joined(logprobs)).toBe('The capital of');
  });

  it('give each part of a character its own bytes', async () => {
    const format = { kind: 'json_schema', schema: { const: 'é😀' } } as const;
    const { text, logprobs, tokenIds } = await asking('Hi', { format });
    expect([text, joined(logprobs)]).toEqual(['"é😀"', '"é😀"']);
    expect(logprobs).toHaveLength(tokenIds.length);
    expect(logprobs.some(({ token }) => Buffer.from(token).toString('utf8').includes('\uFFFD'))).toBe(true);
    expect(logprobs.every(({ logprob }) => logprob > -100)).toBe(true);
  });

  it('go on behind any cut with those of the new text only', async () => {
    const request = { stop: ['ris.'], maxCompletionTokens: 40 };
    const whole = await asking(PARIS, request);
    for (let cut = 1; cut <= whole.tokenIds.length; cut += 1) {
      const deliveredTokenIds = whole.tokenIds.slice(0, cut);
      const delivered = whole.chunks.slice(0, cut);
      const deliveredBytes = Buffer.byteLength(delivered.map(({ text }) => text).join(''));
      const rest = await asking(PARIS, { ...request, deliveredTokenIds, deliveredBytes });
      const both = [...delivered.flatMap(({ logprobs = [] }) => logprobs), ...rest.logprobs];
      expect(joined(both)).toBe(joined(whole.logprobs));
      expect(both.map(({ logprob }) => logprob.toFixed(3))).toEqual(
        whole.logprobs.map(({ logprob }) => logprob.toFixed(3)),
      );
    }
  });
});
