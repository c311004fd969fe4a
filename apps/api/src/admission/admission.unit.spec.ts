import type { HoldAnswer, HoldRequest } from '@millrace/adapters/limits';
import type { LevelUsage } from '@millrace/domain/admission';
import type { LimitsOfPrincipal } from '@millrace/domain/tenancy';
import { callerOf } from '../../test/relay-under-test.js';
import { ApiError } from '../http/api-error.js';
import { Admission } from './admission.js';
import { PromptSizes } from './prompt-sizes.js';

const usage: LevelUsage = {
  requests: 1,
  tokens: 50,
  concurrent: 1,
  monthTokens: 0,
  requestsWaitMs: 3_000,
  tokensWaitMs: 0,
  requestsResetMs: 60_000,
  tokensResetMs: 60_000,
};

/** Admission whose counters answer as the test says, one answer after the other; `Error` is a Redis that is away. */
function admissionWith(answers: (HoldAnswer | Error)[], monthTokens?: { tenant: number; key: number }) {
  const seen = { asked: [] as HoldRequest[], settled: [] as number[], rejected: [] as string[], openJobs: 0 };
  const answerNext = async <Answer>(answer: Answer | Error = new Error('no answer is left')): Promise<Answer> => {
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const admission = new Admission({
    jobs: {
      get openJobs() {
        return seen.openJobs;
      },
    },
    maxOpenJobs: 2,
    counters: {
      hold: (request) => {
        seen.asked.push(request);
        return answerNext(answers.shift());
      },
      look: () => answerNext<LevelUsage[]>(answers.length === 0 ? [usage] : new Error('away')),
    },
    monthUsage: { read: () => Promise.resolve(monthTokens) },
    holds: { keep: () => (tokens) => void seen.settled.push(tokens) },
    promptSizes: new PromptSizes(),
    metrics: { requestRejected: (reason) => void seen.rejected.push(reason) },
    nowMs: () => Date.parse('2026-11-25T12:00:00Z'),
    onError: () => undefined,
  });
  return { admission, seen };
}

/** A call of 30 bytes, and the headers its caller gets. */
function callWith(limits?: LimitsOfPrincipal, request: object = {}) {
  const { call } = callerOf({ stream: false });
  const headers: Record<string, string> = {};
  Object.assign(call.request, { choices: 1, messages: [{ role: 'user', text: 'x'.repeat(30) }], ...request });
  Object.assign(call.principal, limits === undefined ? {} : { limits });
  Object.assign(call.reply, { setHeaders: (more: object) => Object.assign(headers, more) });
  return { call, headers };
}

const limits = { tenant: { tokensPerMonth: 1_000 }, key: { requestsPerMinute: 5, tokensPerMinute: 400 } };

const held = (tokens: number): HoldAnswer => ({
  outcome: 'held',
  hold: { requestId: 'req_1', tokens, second: 1, tenantId: 'ten_1', keyIds: [undefined, 'key_1'] },
  usages: [usage, usage],
});

async function problemOf(admitting: Promise<unknown>) {
  const thrown: unknown = await admitting.catch((error: unknown) => error);
  if (!(thrown instanceof ApiError)) throw new Error(`expected a refusal, got ${String(thrown)}`);
  return thrown.problem;
}

describe('admission', () => {
  it('asks nobody about callers without limits', async () => {
    const { admission, seen } = admissionWith([]);
    const { call, headers } = callWith();
    const admitted = await admission.admit(call);
    admitted.settle({ promptTokens: 1, completionTokens: 1 });
    expect(admitted.call).toBe(call);
    expect([seen.asked, headers]).toEqual([[], {}]);
  });

  it('holds prompt and answer at both levels, tells what is left, and settles what was used', async () => {
    const { admission, seen } = admissionWith([held(60)]);
    const { call, headers } = callWith(limits, { maxCompletionTokens: 40 });
    const admitted = await admission.admit(call);
    expect(seen.asked).toEqual([
      {
        tenantId: 'ten_1',
        month: '2026-11',
        requestId: 'req_1',
        levels: [{ limits: limits.tenant }, { limits: limits.key, keyId: 'key_1' }],
        leastTokens: 62,
        mostTokens: 62,
      },
    ]);
    expect(headers).toMatchObject({
      'x-ratelimit-remaining-requests': '4',
      'x-ratelimit-remaining-tokens': '350',
      'x-ratelimit-reset-tokens': '1m0s',
    });
    admitted.settle({ promptTokens: 10, completionTokens: 7 });
    expect(seen.settled).toEqual([17]);
    expect(admitted.call.request.maxCompletionTokens).toBe(40);
  });

  it('lets an answer whose length nobody asked for be as long as what is held', async () => {
    const { admission } = admissionWith([held(222)]);
    const admitted = await admission.admit(callWith(limits).call);
    expect(admitted.call.request.maxCompletionTokens).toBe(200);
  });

  it('asks Postgres for what was used of a month that Redis does not know', async () => {
    const { admission, seen } = admissionWith([{ outcome: 'month_unknown' }, held(60)], { tenant: 700, key: 30 });
    await admission.admit(callWith(limits).call);
    expect(seen.asked[1]?.levels.map(({ usedThisMonth }) => usedThisMonth)).toEqual([700, 30]);
  });

  it('holds to the other limits while Postgres does not know either', async () => {
    const { admission, seen } = admissionWith([{ outcome: 'month_unknown' }, held(60)]);
    await admission.admit(callWith(limits).call);
    expect(seen.asked[1]?.levels.map((level) => level.limits)).toEqual([{}, limits.key]);
  });

  it('turns a call away that has no room, with its reason and what is left', async () => {
    const full = { ...usage, requests: 5 };
    const { admission, seen } = admissionWith([{ outcome: 'refused', usages: [usage, full] }]);
    const { call, headers } = callWith(limits);
    expect(await problemOf(admission.admit(call))).toMatchObject({ kind: 'rate_limited', retryAfterMs: 3_000 });
    expect(headers).toMatchObject({ 'x-ratelimit-remaining-requests': '0' });
    expect(seen.rejected).toEqual(['requestsPerMinute']);
  });

  it.each([
    [{ tenant: {}, key: { tokensPerMinute: 20 } }, 'over_limit', 'too_large'],
    [{ tenant: { tokensPerMonth: 20 }, key: {} }, 'quota_exceeded', 'tokensPerMonth'],
  ])('holds nothing for a call that never fits: %j', async (tight, kind, reason) => {
    const { admission, seen } = admissionWith([]);
    const { call, headers } = callWith(tight, { maxCompletionTokens: 40 });
    expect(await problemOf(admission.admit(call))).toMatchObject({ kind });
    expect([seen.asked, seen.rejected]).toEqual([[], [reason]]);
    expect(headers).toHaveProperty('x-ratelimit-limit-requests');
  });

  it('answers that the counters are away, and when to come back', async () => {
    const { admission, seen } = admissionWith([new Error('Redis is away')]);
    const { call, headers } = callWith(limits);
    expect(await problemOf(admission.admit(call))).toMatchObject({ kind: 'out_of_reach', retryAfterMs: 2_000 });
    expect(headers).toMatchObject({ 'x-ratelimit-limit-requests': '5', 'x-ratelimit-remaining-requests': '0' });
    expect(seen.rejected).toEqual(['out_of_reach']);
  });

  it('turns calls away while the process is full, and gives back what it held when it has become so', async () => {
    const { admission, seen } = admissionWith([held(60)]);
    const admitting = admission.admit(callWith(limits).call);
    seen.openJobs = 2;
    expect(await problemOf(admitting)).toMatchObject({ kind: 'queue_full' });
    expect(seen.settled).toEqual([0]);
    expect(await problemOf(admission.admit(callWith(limits).call))).toMatchObject({ kind: 'queue_full' });
    expect(seen.asked).toHaveLength(1);
    expect(seen.rejected).toEqual(['queue_full', 'queue_full']);
  });

  it('holds more for prompts of a model once its runners have counted more', async () => {
    const { admission, seen } = admissionWith([held(60), held(60)]);
    const ask = () => admission.admit(callWith(limits, { maxCompletionTokens: 1 }).call);
    (await ask()).settle({ promptTokens: 42, completionTokens: 1 });
    await ask();
    expect(seen.asked.map(({ leastTokens }) => leastTokens)).toEqual([23, 43]);
  });
});
