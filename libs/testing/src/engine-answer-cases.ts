import type { GenerateRequest } from '@millrace/adapters/engines';
import { ask, NEVER, read } from './engine-answer.js';
import type { Answer } from './engine-answer.js';
import type { GivenEngine } from './engine-under-test.js';
import { middleOf } from './middle-of.js';

const QUESTIONS = [
  ...['France', 'Portugal', 'Kenya', 'Peru', 'Japan', 'Norway', 'Egypt', 'Canada', 'India', 'Chile'].map(
    (country) => `What is the capital of ${country}?`,
  ),
  'What is a GPU?',
  'What is Kubernetes?',
  'Who are you?',
  'Hi there!',
  'Tell me a story about a robot.',
  'Tell me a story about a sailor named Mo.',
];

/** One request after the other: text, limits, seeds. */
export function describeAnswers(given: () => GivenEngine): void {
  it('answers a question and streams text that joins to the answer', async () => {
    const answer = await read(given().replica, ask(given().known.question));
    expect(answer.text).toContain(given().known.answer);
    expect(answer.reason).toBe('stop');
    expect(answer.chunks.length).toBeGreaterThan(1);
    expect(answer.usage.completionTokens).toBe(answer.tokenIds.length);
    expect(answer.usage.promptTokens).toBeGreaterThan(10);
  });

  it('gives the same text again, from the cache', async () => {
    const first = await read(given().replica, ask(given().known.question));
    const second = await read(given().replica, ask(given().known.question));
    expect(second.text).toBe(first.text);
    expect(second.usage.cachedTokens).toBeGreaterThan(0);
    expect(second.usage.cachedTokens).toBeLessThan(second.usage.promptTokens);
  });

  it('ends at the token limit', async () => {
    const answer = await read(given().replica, ask(given().story, { maxCompletionTokens: 5 }));
    expect(answer).toMatchObject({ reason: 'length', usage: { completionTokens: 5 } });
    expect(answer.tokenIds).toHaveLength(5);
  });

  it('ends in front of a stop string', async () => {
    const whole = await read(given().replica, ask(given().known.question));
    const stop = middleOf(whole.text);
    const answer = await read(given().replica, ask(given().known.question, { stop: ['zzz', stop] }));
    expect(answer.reason).toBe('stop');
    expect(answer.text).toBe(whole.text.slice(0, whole.text.indexOf(stop)));
  });

  it('reproduces a sampled answer by its seed, and varies it with another', async () => {
    const sampled = (seed: number): Promise<Answer> =>
      read(
        given().replica,
        ask(given().story, { sampling: { temperature: 1, topP: 1, seed }, maxCompletionTokens: 40 }),
      );
    const [first, again, other] = [await sampled(7), await sampled(7), await sampled(8)];
    expect(again.text).toBe(first.text);
    expect(other.text).not.toBe(first.text);
  });
}

/** Prompts and answers that reach the end of the context. */
export function describeContext(given: () => GivenEngine): void {
  it('refuses a prompt that does not fit the context, with the numbers', async () => {
    const failure = read(given().replica, ask('word '.repeat(given().replica.contextLength)));
    await expect(failure).rejects.toMatchObject({
      code: 'context_length_exceeded',
      message: expect.stringContaining(`${String(given().replica.contextLength)} tokens`) as unknown,
    });
  });

  it('refuses a prompt that can never fit before it costs the engine time', async () => {
    const messages = Array.from({ length: 100_000 }, () => ({ role: 'user', content: 'a' }));
    await expect(read(given().replica, ask('', { messages }))).rejects.toMatchObject({
      code: 'context_length_exceeded',
      message: expect.stringContaining('at least 100000') as unknown,
    });
  });

  it('ends at the end of the context, never shifting it', async () => {
    const { replica } = given();
    const promptOf = (words: number): GenerateRequest => ask('word '.repeat(words), { maxCompletionTokens: 1 });
    const few = (await read(replica, promptOf(100))).usage.promptTokens;
    const more = (await read(replica, promptOf(200))).usage.promptTokens;
    const words = 200 + Math.floor(((replica.contextLength - 3 - more) * 100) / (more - few));
    const { maxCompletionTokens: _limit, ...request } = promptOf(words);
    const { reason, usage } = await read(replica, request);
    expect(reason).toBe('length');
    expect(usage.promptTokens + usage.completionTokens).toBe(replica.contextLength);
  });
}

/** Several requests at once. */
export function describeSlots(given: () => GivenEngine): void {
  it('gives the same answers to many at once as to one after the other', async () => {
    const { replica } = given();
    const alone: string[] = [];
    for (const question of QUESTIONS)
      alone.push((await read(replica, ask(question, { maxCompletionTokens: 48 }))).text);
    const together: string[] = [];
    let next = 0;
    const reader = async (): Promise<void> => {
      for (let index = next++; index < QUESTIONS.length; index = next++) {
        together[index] = (await read(replica, ask(QUESTIONS[index] ?? '', { maxCompletionTokens: 48 }))).text;
      }
    };
    await Promise.all(Array.from({ length: replica.slots }, reader));
    expect(together).toEqual(alone);
  });

  it('gives a seeded answer with the same bytes alone, after other answers and beside them', async () => {
    const { replica } = given();
    const seeded = async (): Promise<string> => {
      const sampling = { temperature: 1, topP: 1, seed: 1 };
      return (await read(replica, ask(given().story, { sampling, maxCompletionTokens: 48 }))).text;
    };
    const alone = await seeded();
    const others = QUESTIONS.map((question) => read(replica, ask(question, { maxCompletionTokens: 24 })));
    const beside = await Promise.all(Array.from({ length: replica.slots }, seeded));
    await Promise.all(others);
    expect(new Set([alone, ...beside, await seeded()]).size).toBe(1);
  });
}

/** Requests that end early. */
export function describeCancelling(given: () => GivenEngine): void {
  it('cancels within a token or two and frees the slot', async () => {
    const { replica } = given();
    const cancelled = async (): Promise<Answer> => {
      const controller = new AbortController();
      const events: Answer['chunks'] = [];
      for await (const event of replica.generate(ask(given().story), controller.signal)) {
        if (event.kind === 'finished') return { chunks: events, text: '', tokenIds: [], logprobs: [], ...event };
        events.push(event);
        controller.abort();
      }
      throw new Error('The answer ended without a finished event.');
    };
    const answers = await Promise.all(Array.from({ length: replica.slots }, cancelled));
    for (const answer of answers) {
      expect(answer.reason).toBe('cancelled');
      expect(answer.usage.completionTokens).toBeLessThan(60);
    }
    expect((await read(replica, ask(given().known.question))).text).toContain(given().known.answer);
  });

  it('answers at once to a request that was cancelled before it began', async () => {
    expect(await read(given().replica, ask(given().story), AbortSignal.abort())).toMatchObject({
      reason: 'cancelled',
      text: '',
    });
  });

  it('frees the slot of a reader that leaves', async () => {
    for (let round = 0; round <= given().replica.slots; round += 1) {
      for await (const event of given().replica.generate(ask(given().story), NEVER)) {
        if (event.kind === 'chunk') break;
      }
    }
    expect((await read(given().replica, ask(given().known.question))).text).toContain(given().known.answer);
  });
}
