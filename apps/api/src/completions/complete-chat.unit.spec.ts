import type { UsageRecord } from '@millrace/adapters/postgres';
import { FailureCode, FinishReason, type Chunk } from '@millrace/contracts/runner-protocol';
import { callerOf, turn } from '../../test/relay-under-test.js';
import { world } from '../../test/job-owner-world.js';
import type { UsedTokens } from '../admission/admission.js';
import type { ChatCall } from './complete-chat-port.js';
import { completeChat, type CompletionTools } from './complete-chat.js';

const deadlines = { startDeadlineMs: 1, firstTokenDeadlineMs: 1, interTokenDeadlineMs: 1, totalDeadlineMs: 10_000 };

/** A call for so many choices, made to an owner whose runner the test plays. */
function callFor(choices: number, options: { stream: boolean; redisAway?: boolean; redis?: Promise<void> }) {
  const around = world();
  around.redis.away = options.redisAway ?? false;
  around.redis.answering = options.redis;
  const delayed: (() => void)[] = [];
  const pacer = { idle: true, later: (work: () => void) => void delayed.push(work) };
  const { caller, call } = callerOf(options);
  const rows: UsageRecord[] = [];
  const rejections: string[] = [];
  const journal = { begun: 0, ended: [] as string[] };
  const settled: UsedTokens[] = [];
  const settle = (used: UsedTokens): void => void settled.push(used);
  const tools = {
    admission: { admit: (admitted: ChatCall) => Promise.resolve({ call: admitted, settle }) },
    jobs: around.jobs,
    recorder: { record: async (row: UsageRecord) => void rows.push(row) },
    journal: {
      begin: () => (journal.begun += around.waiting.size === 0 ? 1 : 0),
      end: (requestIds: string[]) => journal.ended.push(...requestIds),
    },
    deadlines,
    pacer,
    metrics: { jobEnded: () => undefined, requestRejected: (reason: string) => rejections.push(reason) },
    onError: (error: unknown) => {
      throw error;
    },
  } as unknown as CompletionTools;
  Object.assign(call.request, { choices, messages: [], stop: [] });
  Object.assign(call, { deadlines: {} });
  const runner = around.link('a');
  const jobIds = (): string[] => [...around.jobs.all()].map(({ spec }) => spec.jobId);
  const take = (count = choices): string[] => {
    const ids = jobIds().slice(0, count);
    for (const jobId of ids) {
      const value = { jobId, attempt: 1, deploymentId: 'dep_1', replicaId: 'rep_1', owner: 'me' };
      around.jobs.hear(runner, { $case: 'claim', value });
    }
    return ids;
  };
  const chunks = new Map<string, number>();
  const speak = (jobId = '', text = ''): void => {
    const seq = chunks.get(jobId) ?? 0;
    chunks.set(jobId, seq + 1);
    const value: Chunk = { jobId, attempt: 1, seq, tokenIds: [1], text, logprobs: [] };
    around.jobs.hear(runner, { $case: 'chunk', value });
  };
  const usage = { promptTokens: 5, completionTokens: 1, cachedTokens: 0 };
  const finish = (jobId = '', finishReason = FinishReason.FINISH_REASON_STOP): void => {
    around.jobs.hear(runner, { $case: 'finished', value: { jobId, attempt: 1, finishReason, usage } });
  };
  const fail = (jobId = ''): void => {
    const value = { jobId, attempt: 1, code: FailureCode.FAILURE_CODE_ENGINE_ERROR, retryable: false, message: 'No.' };
    around.jobs.hear(runner, { $case: 'failed', value: { ...value, usage } });
  };
  return {
    ...around,
    pacer,
    delayed,
    caller,
    rows,
    rejections,
    journal,
    settled,
    runner,
    take,
    speak,
    finish,
    fail,
    completed: completeChat(call, tools),
  };
}

describe('a call for several choices', () => {
  it('is one answer of as many jobs, metered as one request, the prompt once', async () => {
    const { take, speak, finish, completed, caller, rows, settled } = callFor(2, { stream: false });
    await turn();
    const [first, second] = take();
    speak(first, 'A');
    speak(second, 'B');
    finish(second);
    finish(first);
    await completed;
    await turn();
    expect(caller.json).toMatchObject({
      id: first,
      choices: [{ message: { content: 'A' } }, { message: { content: 'B' } }],
      usage: { prompt_tokens: 5, completion_tokens: 2 },
    });
    const counts = { promptTokens: 5, completionTokens: 2, attempts: 1 };
    expect(rows).toMatchObject([{ requestId: 'req_1', jobId: first, outcome: 'completed', ...counts }]);
    expect(settled).toMatchObject([{ promptTokens: 5, completionTokens: 2 }]);
  });

  it.each([true, false])(
    'fails with one error when one of them fails, and ends the others (stream: %s)',
    async (stream) => {
      const { take, speak, finish, fail, completed, runner, rows, jobs } = callFor(3, { stream });
      const refused = expect(completed).rejects.toMatchObject({ problem: { kind: 'generation_failed' } });
      await turn();
      const [first, second, third] = take();
      speak(first, 'A');
      fail(second);
      await refused;
      const cancelled = runner.sent.flatMap((event) => (event.$case === 'cancel' ? [event.value.jobId] : []));
      expect(cancelled).toEqual([first, third]);
      for (const jobId of cancelled) finish(jobId, FinishReason.FINISH_REASON_CANCELLED);
      await turn();
      expect(rows).toMatchObject([{ outcome: 'failed', promptTokens: 5, completionTokens: 3 }]);
      expect(jobs.openJobs).toBe(0);
    },
  );

  it.each([true, false])('meters the reasoning of all of them when one fails (stream: %s)', async (stream) => {
    const { take, speak, finish, fail, completed, caller, rows } = callFor(2, { stream });
    const refused = expect(completed).rejects.toMatchObject({ problem: { kind: 'generation_failed' } });
    await turn();
    const [first, second] = take();
    for (const text of ['<think>', 'Hm']) speak(first, text);
    speak(second, '<think>');
    await turn();
    // What has come for a caller who reads slowly counts too.
    caller.keepsUp = false;
    for (let turns = 0; turns < 2; turns++) {
      speak(second, 'So');
      await turn();
    }
    fail(second);
    await refused;
    finish(first, FinishReason.FINISH_REASON_CANCELLED);
    await turn();
    expect(rows).toMatchObject([{ outcome: 'failed', reasoningTokens: 3 + 2 }]);
  });

  it.each([true, false])('meters the reasoning of an answer that took too long (stream: %s)', async (stream) => {
    const { take, speak, finish, completed, rows, jobs, clock } = callFor(1, { stream });
    const refused = expect(completed).rejects.toMatchObject({ problem: { kind: 'deadline_exceeded' } });
    await turn();
    const [job] = take();
    for (const text of ['<think>', 'Hm']) speak(job, text);
    await turn();
    clock.nowMs = deadlines.totalDeadlineMs;
    jobs.passTime();
    await refused;
    finish(job, FinishReason.FINISH_REASON_CANCELLED);
    await turn();
    expect(rows).toMatchObject([{ outcome: 'cancelled', reasoningTokens: 2 }]);
  });

  it('writes nothing more once the queue has refused one of them', async () => {
    let answer = (): void => undefined;
    const redis = new Promise<void>((resolve) => (answer = resolve));
    const {
      take,
      speak,
      finish,
      completed,
      caller,
      rows,
      redis: queue,
      pacer,
      delayed,
    } = callFor(2, { stream: true, redis });
    const refused = expect(completed).rejects.toMatchObject({ problem: { kind: 'out_of_reach' } });
    await turn();
    const [first] = take(1);
    speak(first, 'A');
    await turn();
    pacer.idle = false;
    speak(first, 'B');
    queue.away = true;
    answer();
    await refused;
    const written = [...caller.events];
    expect(written.join('')).toContain('"B"');
    speak(first, 'C');
    expect(delayed).toHaveLength(1);
    for (const flush of delayed) flush();
    await turn();
    expect(caller.events).toEqual(written);
    finish(first, FinishReason.FINISH_REASON_CANCELLED);
    await turn();
    expect(rows).toMatchObject([{ outcome: 'cancelled', completionTokens: 2 }]);
  });

  it('ends all of them when the caller hangs up', async () => {
    const { take, finish, completed, caller, runner } = callFor(2, { stream: true });
    await turn();
    const ids = take();
    caller.leaving.abort();
    const cancelled = runner.sent.flatMap((event) => (event.$case === 'cancel' ? [event.value.jobId] : []));
    expect(cancelled).toEqual(ids);
    for (const jobId of ids) finish(jobId, FinishReason.FINISH_REASON_CANCELLED);
    await completed;
    expect(caller.events).toEqual([]);
  });

  it('is given up whole while Redis is away, and counted as rejected, not metered', async () => {
    const { completed, rows, rejections, jobs, journal, settled } = callFor(3, { stream: true, redisAway: true });
    await expect(completed).rejects.toMatchObject({ problem: { kind: 'out_of_reach' } });
    await turn();
    expect(jobs.openJobs).toBe(0);
    expect(rows).toEqual([]);
    expect(journal).toEqual({ begun: 1, ended: ['req_1'] });
    expect(rejections).toEqual(['out_of_reach']);
    expect(settled).toEqual([{ promptTokens: 0, completionTokens: 0 }]);
  });
});
