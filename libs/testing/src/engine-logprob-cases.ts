import { ask, read } from './engine-answer.js';
import type { GivenEngine } from './engine-under-test.js';
import { middleOf } from './middle-of.js';

/** Log probabilities, for callers that ask for them. */
export function describeLogprobs(given: () => GivenEngine): void {
  it('gives log probabilities of tokens that join to the text, likeliest alternatives first', async () => {
    const { replica, story } = given();
    const { logprobs, text } = await read(replica, ask(story, { topLogprobs: 3, maxCompletionTokens: 40 }));
    expect(Buffer.concat(logprobs.map(({ token }) => token)).toString()).toBe(text);
    for (const { logprob, top } of logprobs) {
      expect(logprob).toBeLessThanOrEqual(0);
      expect(top).toHaveLength(3);
      expect(top.map((other) => other.logprob)).toEqual(top.map((other) => other.logprob).sort((a, b) => b - a));
    }
  });

  it('gives none for what stands behind a stop string, and none unless asked', async () => {
    const { replica, known } = given();
    const whole = await read(replica, ask(known.question));
    expect(whole.logprobs).toEqual([]);
    const stop = [middleOf(whole.text)];
    const { logprobs, text } = await read(replica, ask(known.question, { topLogprobs: 0, stop }));
    expect(text.startsWith(Buffer.concat(logprobs.map(({ token }) => token)).toString())).toBe(true);
    expect(logprobs.length).toBeGreaterThan(0);
  });
}
