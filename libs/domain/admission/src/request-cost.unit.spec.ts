import fc from 'fast-check';
import { allowedAnswerTokens, refuseForever, requestCost, type LimitedLevel, type SizedRequest } from './index.js';

const request = (changes: Partial<SizedRequest> = {}): SizedRequest => ({
  promptTokens: 100,
  fewestPromptTokens: 50,
  choices: 1,
  contextLength: 8_192,
  ...changes,
});
const limited = (tokensPerMinute: number): LimitedLevel[] => [{ name: 'key', limits: { tokensPerMinute } }];

const anyRequest = fc
  .record({
    promptTokens: fc.integer({ min: 1, max: 5_000 }),
    choices: fc.integer({ min: 1, max: 8 }),
    contextLength: fc.integer({ min: 64, max: 100_000 }),
    answerTokens: fc.option(fc.integer({ min: 1, max: 200_000 }), { nil: undefined }),
  })
  .map(({ answerTokens, ...sized }) => ({
    ...sized,
    fewestPromptTokens: Math.ceil(sized.promptTokens / 2),
    ...(answerTokens !== undefined && { answerTokens }),
  }));

describe('the cost of a request on entry', () => {
  it('is its prompt and the answers that it asks for', () => {
    expect(requestCost(request({ answerTokens: 30 }), limited(1_000))).toEqual({ leastTokens: 130, mostTokens: 130 });
    expect(requestCost(request({ answerTokens: 30, choices: 4 }), limited(1_000)).leastTokens).toBe(220);
  });

  it('is no more than the context can hold', () => {
    expect(requestCost(request({ answerTokens: 1_000_000 }), limited(100_000)).leastTokens).toBe(8_192);
  });

  it('of an answer without a length is a usual one at least and a part of the minute at most', () => {
    expect(requestCost(request(), limited(500))).toEqual({ leastTokens: 150, mostTokens: 356 });
    expect(requestCost(request(), limited(8_000))).toEqual({ leastTokens: 356, mostTokens: 2_100 });
    expect(requestCost(request(), limited(1_000_000))).toEqual({ leastTokens: 356, mostTokens: 4_196 });
    expect(requestCost(request({ contextLength: 300 }), limited(8_000))).toEqual({ leastTokens: 300, mostTokens: 300 });
  });

  it('never keeps out the first call of a caller who asks for no length', () => {
    fc.assert(
      fc.property(anyRequest, fc.integer({ min: 1, max: 20_000 }), ({ answerTokens: _, ...sized }, limit) => {
        fc.pre(sized.fewestPromptTokens + sized.choices <= limit);
        expect(refuseForever(limited(limit), requestCost(sized, limited(limit)))).toBeUndefined();
      }),
    );
  });

  it('takes the whole limit when only the estimate of its prompt goes beyond', () => {
    expect(requestCost(request({ answerTokens: 30 }), limited(110)).leastTokens).toBe(110);
    expect(requestCost(request({ answerTokens: 30 }), limited(79)).leastTokens).toBe(80);
  });
});

describe('the length that an answer may have', () => {
  it('is what the caller asked for, or the context, where tokens are not limited', () => {
    expect(allowedAnswerTokens(request({ answerTokens: 30 }), 130, limited(1_000))).toBeUndefined();
    expect(allowedAnswerTokens(request(), 356, [{ name: 'key', limits: { requestsPerMinute: 1 } }])).toBeUndefined();
  });

  it('is what is held for it', () => {
    expect(allowedAnswerTokens(request(), 600, limited(1_000))).toBe(500);
    expect(allowedAnswerTokens(request({ choices: 3 }), 700, limited(1_000))).toBe(200);
    expect(allowedAnswerTokens(request({ contextLength: 600 }), 600, limited(1_000))).toBeUndefined();
  });

  it('is a usual one where the estimate of the prompt fills all that is held', () => {
    expect(allowedAnswerTokens(request(), 100, limited(100))).toBe(50);
    expect(allowedAnswerTokens(request(), 51, limited(51))).toBe(1);
  });

  it('lets no request use more than is held, by the estimate', () => {
    fc.assert(
      fc.property(anyRequest, fc.integer({ min: 1, max: 50_000 }), fc.nat(50_000), (sized, limit, free) => {
        const { leastTokens, mostTokens } = requestCost(sized, limited(limit));
        fc.pre(leastTokens <= Math.min(limit, free) && sized.promptTokens + sized.choices <= limit);
        const held = Math.min(mostTokens, limit, free);
        const asked = Math.min(sized.answerTokens ?? Infinity, Math.max(1, sized.contextLength - sized.promptTokens));
        const answer = Math.min(allowedAnswerTokens(sized, held, limited(limit)) ?? Infinity, asked);
        fc.pre(sized.answerTokens === undefined || sized.promptTokens + sized.choices * asked <= limit);
        expect(sized.promptTokens + sized.choices * answer).toBeLessThanOrEqual(held);
      }),
    );
  });
});
