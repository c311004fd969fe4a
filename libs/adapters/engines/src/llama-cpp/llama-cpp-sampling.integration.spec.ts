import { ask, expectSameFromEveryCut, read } from '@millrace/testing';
import type { Answer } from '@millrace/testing';
import { loadTinyReplica } from '../../test/tiny-replica.js';
import type { EngineReplica, Sampling } from '../engine-driver.js';

const PARIS = 'What is the capital of France?';
const STORY = 'Tell me a story about a dragon.';
/** Ids of the tokens that end an answer of the tiny model. */
const END_OF_TURN = 2;

let replica: EngineReplica;
beforeAll(async () => (replica = await loadTinyReplica()));
afterAll(async () => replica.stop());

function greedy(question: string, more: Partial<Sampling>, maxCompletionTokens = 40): Promise<Answer> {
  const sampling = { temperature: 0, topP: 1, ...more };
  return read(replica, ask(question, { sampling, maxCompletionTokens, topLogprobs: 20 }));
}

/** The steps at which another of the likeliest tokens would have won under OpenAI's definition of the penalties. */
function wrongSteps({ logprobs }: Answer, { presence, frequency }: { presence: number; frequency: number }): number[] {
  const counts = new Map<string, number>();
  const keyOf = (token: Uint8Array): string => Buffer.from(token).toString('latin1');
  const penalised = (token: Uint8Array, logprob: number): number => {
    const count = counts.get(keyOf(token)) ?? 0;
    return logprob - (count > 0 ? presence : 0) - frequency * count;
  };
  return logprobs.flatMap(({ token, logprob, top }, step) => {
    const chosen = penalised(token, logprob);
    const best = Math.max(...top.map((other) => penalised(other.token, other.logprob)));
    counts.set(keyOf(token), (counts.get(keyOf(token)) ?? 0) + 1);
    return chosen < best - 0.001 ? [step] : [];
  });
}

describe('sampling of the llama-cpp driver', () => {
  it.each([
    { presence: 2, frequency: 0 },
    { presence: 0, frequency: 2 },
    { presence: 0.5, frequency: 0.7 },
    { presence: -1, frequency: -0.5 },
  ])('takes penalties off as OpenAI defines them: %j', async (penalties) => {
    const { presence, frequency } = penalties;
    const answer = await greedy(STORY, { presencePenalty: presence, frequencyPenalty: frequency }, 80);
    expect(wrongSteps(answer, penalties)).toEqual([]);
    expect(wrongSteps(answer, { presence: 0, frequency: 0 })).not.toEqual([]);
  });

  it('counts tokens of earlier attempts in its penalties', async () => {
    const penalties = { presencePenalty: 1, frequencyPenalty: 1 };
    const limits = { maxCompletionTokens: 40 };
    await expectSameFromEveryCut(
      replica,
      ask(STORY, { ...limits, sampling: { temperature: 0, topP: 1, ...penalties } }),
    );
    const seeded = { temperature: 1, topP: 0.9, seed: 9, ...penalties };
    await expectSameFromEveryCut(replica, ask(STORY, { maxCompletionTokens: 24, sampling: seeded }));
  });

  it('bans tokens and forces tokens by their bias', async () => {
    const plain = await greedy(PARIS, {});
    const banned = plain.tokenIds[0] ?? -1;
    const without = await greedy(PARIS, { logitBias: { [banned]: -100 } });
    expect(without.tokenIds).not.toContain(banned);
    const forced = await greedy(PARIS, { logitBias: { 300: 100 } }, 5);
    expect(forced.tokenIds).toEqual([300, 300, 300, 300, 300]);
  });

  it('adds a bias to the logit', async () => {
    const [first] = (await greedy(PARIS, {}, 1)).logprobs;
    const second = first?.top[1];
    const id = (await greedy(PARIS, { logitBias: await biasOf(first?.token) }, 1)).tokenIds[0] ?? -1;
    const gap = (first?.logprob ?? 0) - (second?.logprob ?? 0);
    expect((await greedy(PARIS, { logitBias: { [id]: gap - 0.05 } }, 1)).logprobs[0]?.token).toEqual(first?.token);
    expect((await greedy(PARIS, { logitBias: { [id]: gap + 0.05 } }, 1)).logprobs[0]?.token).toEqual(second?.token);
  });

  it('goes on to the limit where the end of the turn is banned', async () => {
    const { reason } = await greedy(PARIS, { logitBias: { 0: -100, [END_OF_TURN]: -100 } });
    expect(reason).toBe('length');
  });

  it('keeps to the format whatever is banned', async () => {
    const format = { kind: 'json_schema', schema: { const: 'Paris' } } as const;
    const banned = await read(replica, ask(PARIS, { format }));
    const logitBias = Object.fromEntries([...banned.tokenIds, 0, END_OF_TURN].map((id) => [id, -100]));
    const { text } = await read(replica, ask(PARIS, { format, sampling: { temperature: 0, topP: 1, logitBias } }));
    expect(text).toBe('"Paris"');
  });

  it('refuses a bias of a token that the model does not have', async () => {
    await expect(greedy(PARIS, { logitBias: { 3072: 1 } })).rejects.toMatchObject({
      code: 'invalid_request',
      param: 'logit_bias',
      message: expect.stringMatching(/3072.*0 to 3071/) as unknown,
    });
  });
});

/** A bias that bans the token with these bytes: it begins the greedy answer, which tells its id. */
async function biasOf(token: Uint8Array | undefined): Promise<Record<number, number>> {
  const { tokenIds, logprobs } = await greedy(PARIS, {}, 1);
  expect(logprobs[0]?.token).toEqual(token);
  return { [tokenIds[0] ?? -1]: -100 };
}
