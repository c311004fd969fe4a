import { FailureCode } from '@millrace/contracts/runner-protocol';
import { chunk, claim, finished, listenTo, spec, world } from '../../test/job-owner-world.js';
import { queueParts } from './queue-parts.js';

describe('the owner of a job', () => {
  it('hands the payload to the link that claims, relays its text and ends with the usage it reports', async () => {
    const { jobs, link } = world();
    const runner = link('a');
    const job = jobs.listen(spec);
    const heard = listenTo(job);
    await jobs.enqueue(job);
    jobs.hear(runner, claim());
    jobs.hear(runner, chunk(0, 'Par'));
    jobs.hear(runner, chunk(1, 'is'));
    jobs.hear(runner, finished());
    expect(runner.sent[0]).toMatchObject({ $case: 'assign', value: { payload: { deliveredTokenIds: [] } } });
    expect(heard.text).toBe('Paris');
    await expect(job.ended).resolves.toMatchObject({
      outcome: { kind: 'completed', finishReason: 'stop' },
      usage: { promptTokens: 5, completionTokens: 2, cachedTokens: 1 },
      attempts: 1,
    });
  });

  it('gives the runner credit as the caller reads, and none while it does not', async () => {
    const { jobs, link } = world();
    const runner = link('a');
    const job = jobs.listen(spec);
    await jobs.enqueue(job);
    jobs.hear(runner, claim());
    expect(runner.sent[0]).toMatchObject({ $case: 'assign', value: { creditTokens: 256 } });
    const credits = (): unknown[] => runner.sent.filter(({ $case }) => $case === 'credit');
    for (let seq = 0; seq < 128; seq += 1) jobs.hear(runner, chunk(seq, 'a'));
    expect(credits()).toEqual([{ $case: 'credit', value: { jobId: 'ses_1', attempt: 1, tokens: 128 } }]);
    jobs.callerFellBehind(job);
    for (let seq = 128; seq < 384; seq += 1) jobs.hear(runner, chunk(seq, 'a'));
    expect(credits()).toHaveLength(1);
    jobs.callerCaughtUp(job);
    expect(credits().at(-1)).toEqual({ $case: 'credit', value: { jobId: 'ses_1', attempt: 1, tokens: 256 } });
  });

  it('acknowledges the end only after it was released', async () => {
    const { jobs, link } = world();
    const runner = link('a');
    const job = jobs.listen(spec);
    await jobs.enqueue(job);
    jobs.hear(runner, claim());
    jobs.hear(runner, finished());
    expect(runner.sent.map(({ $case }) => $case)).toEqual(['assign']);
    jobs.release(job);
    expect(runner.sent.map(({ $case }) => $case)).toEqual(['assign', 'acknowledge']);
    expect(jobs.openJobs).toBe(0);
  });

  it('is idle when the usage of its last job is stored', async () => {
    const { jobs } = world();
    await jobs.idle();
    const job = jobs.listen(spec);
    let idle = false;
    const waiting = jobs.idle().then(() => (idle = true));
    jobs.cancel(job);
    await job.ended;
    expect(idle).toBe(false);
    jobs.release(job);
    await waiting;
  });

  it('lets the next attempt go on behind the delivered tokens when a link breaks', async () => {
    const { jobs, link, waiting } = world();
    const first = link('a');
    const second = link('b');
    const job = jobs.listen(spec);
    const heard = listenTo(job);
    await jobs.enqueue(job);
    jobs.hear(first, claim());
    jobs.hear(first, chunk(0, 'Pä'));
    jobs.loseLink('a');
    expect([...waiting.keys()]).toContain('ses_1-2');
    jobs.hear(second, claim(2));
    expect(second.sent[0]).toMatchObject({
      $case: 'assign',
      value: { attempt: 2, payload: { deliveredTokenIds: [100], deliveredBytes: 3 } },
    });
    jobs.hear(second, chunk(0, 'ris', 2));
    jobs.hear(second, finished(2));
    expect(heard.text).toBe('Päris');
    await expect(job.ended).resolves.toMatchObject({ attempts: 2 });
  });

  it('refuses claims of jobs it does not know or does not own', () => {
    const { jobs, link } = world();
    const runner = link('a');
    jobs.hear(runner, claim());
    jobs.hear(runner, claim(1, 'another process'));
    expect(runner.sent.map((event) => event.$case)).toEqual(['gone', 'gone']);
  });

  it('gives a job up when Redis does not take its ticket', async () => {
    const { jobs, redis } = world();
    redis.away = true;
    const job = jobs.listen(spec);
    await expect(jobs.enqueue(job)).rejects.toThrow('Redis is away');
    expect(jobs.openJobs).toBe(0);
  });

  it('adds tickets again that Redis has lost, and only those that still wait', async () => {
    const { jobs, waiting, link } = world();
    const runner = link('a');
    const job = jobs.listen(spec);
    await jobs.enqueue(job);
    waiting.clear();
    await jobs.restoreTickets();
    expect([...waiting.keys()]).toEqual(['ses_1-1']);
    jobs.hear(runner, claim());
    waiting.clear();
    await jobs.restoreTickets();
    expect(waiting.size).toBe(0);
  });

  it('aborts a running job whose caller left and bills what the runner reports', async () => {
    const { jobs, link } = world();
    const runner = link('a');
    const job = jobs.listen(spec);
    await jobs.enqueue(job);
    jobs.hear(runner, claim());
    jobs.cancel(job);
    expect(runner.sent.at(-1)?.$case).toBe('cancel');
    jobs.hear(runner, finished());
    await expect(job.ended).resolves.toMatchObject({ outcome: { kind: 'cancelled' }, usage: { completionTokens: 2 } });
  });

  it('settles a cancelled job without its runner when the grace is over', async () => {
    const { jobs, link, clock } = world();
    const runner = link('a');
    const job = jobs.listen(spec);
    await jobs.enqueue(job);
    jobs.hear(runner, claim());
    jobs.hear(runner, chunk(0, 'x'));
    jobs.cancel(job);
    clock.nowMs = 3_000;
    jobs.passTime();
    await expect(job.ended).resolves.toMatchObject({
      outcome: { kind: 'cancelled' },
      usage: { promptTokens: 10, completionTokens: 1 },
    });
  });

  it('counts a slot as in use whose runner does not answer a cancel, until it does or its link breaks', async () => {
    const { jobs, link, clock } = world();
    const running = (): number => queueParts(jobs.work(), clock.nowMs)[0]?.running ?? 0;
    for (const comesBack of [true, false]) {
      const runner = link('a');
      const job = jobs.listen(spec);
      jobs.hear(runner, claim());
      jobs.cancel(job);
      clock.nowMs += 2_000;
      jobs.passTime();
      await job.ended;
      jobs.release(job);
      expect(running()).toBe(1);
      if (comesBack) jobs.hear(runner, finished());
      else jobs.loseLink('a');
      expect(running()).toBe(0);
    }
  });

  it('leaves no ticket behind when the caller left while the ticket was on its way', async () => {
    const { jobs, redis, waiting } = world();
    let arrive = (): void => undefined;
    redis.answering = new Promise((resolve) => (arrive = resolve));
    const job = jobs.listen(spec);
    const enqueued = jobs.enqueue(job);
    jobs.cancel(job);
    arrive();
    await enqueued;
    expect(waiting.size).toBe(0);
  });

  it('ends what waits for a deployment with the reason, and lets runners finish what they have', async () => {
    const { jobs, link, waiting } = world();
    const runner = link('a');
    const [running, left] = [jobs.listen(spec), jobs.listen({ ...spec, jobId: 'ses_2' })];
    await Promise.all([jobs.enqueue(running), jobs.enqueue(left)]);
    jobs.hear(runner, claim());
    jobs.endWaiting('dep_2', 'it is gone.');
    expect(jobs.countByPhase().get('done')).toBe(0);
    jobs.endWaiting('dep_1', 'it is gone.');
    const outcome = { kind: 'failed', reason: 'unservable', message: 'it is gone.' };
    await expect(left.ended).resolves.toMatchObject({ outcome });
    expect([...waiting.keys()]).toEqual(['ses_1-1']);
    jobs.hear(runner, finished());
    await expect(running.ended).resolves.toMatchObject({ outcome: { kind: 'completed' } });
  });

  it('fails at once when a repetition would fail the same way', async () => {
    const { jobs, link } = world();
    const runner = link('a');
    const job = jobs.listen(spec);
    await jobs.enqueue(job);
    jobs.hear(runner, claim());
    jobs.hear(runner, {
      $case: 'failed',
      value: {
        jobId: 'ses_1',
        attempt: 1,
        code: FailureCode.FAILURE_CODE_INVALID_REQUEST,
        retryable: false,
        message: 'It cannot be.',
        usage: undefined,
        param: 'logit_bias',
      },
    });
    await expect(job.ended).resolves.toMatchObject({
      outcome: { kind: 'failed', reason: 'invalid_request', message: 'It cannot be.', param: 'logit_bias' },
      usage: { promptTokens: 0, completionTokens: 0 },
    });
  });
});
