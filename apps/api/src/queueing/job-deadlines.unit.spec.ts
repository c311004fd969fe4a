import { GoneReason } from '@millrace/contracts/runner-protocol';
import { chunk, claim, finished, listenTo, spec, world } from '../../test/job-owner-world.js';

/** A job whose first chunk was delivered at 100. */
async function begun() {
  const all = world();
  const runner = all.link('a');
  const job = all.jobs.listen(spec);
  const heard = listenTo(job);
  await all.jobs.enqueue(job);
  all.jobs.hear(runner, claim());
  all.clock.nowMs = 100;
  all.jobs.hear(runner, chunk(0, 'Par'));
  return { ...all, runner, job, heard };
}

describe('deadlines of a waiting job', () => {
  it('expire it when no runner took it in time, take its ticket away and bill nothing', async () => {
    const { jobs, clock, waiting } = world();
    const job = jobs.listen(spec);
    const heard = listenTo(job);
    await jobs.enqueue(job);
    clock.nowMs = 1_000;
    jobs.passTime();
    expect(heard.timedOut).toBe('start');
    expect(waiting.size).toBe(0);
    await expect(job.ended).resolves.toMatchObject({
      outcome: { kind: 'expired' },
      usage: { promptTokens: 0, completionTokens: 0 },
    });
  });

  it('refuse a claim that comes too late, also before anybody has looked at the clock', async () => {
    const { jobs, clock, link } = world();
    const runner = link('a');
    const job = jobs.listen(spec);
    await jobs.enqueue(job);
    clock.nowMs = 1_000;
    jobs.hear(runner, claim());
    expect(runner.sent).toEqual([
      { $case: 'gone', value: { jobId: 'ses_1', attempt: 1, reason: GoneReason.GONE_REASON_EXPIRED } },
    ]);
  });
});

describe('deadlines of a running job', () => {
  it('end it when its first token takes too long', async () => {
    const { jobs, clock, link } = world();
    const runner = link('a');
    const job = jobs.listen(spec);
    const heard = listenTo(job);
    await jobs.enqueue(job);
    jobs.hear(runner, claim());
    clock.nowMs = 5_000;
    jobs.hear(runner, chunk(0, 'late'));
    expect(heard).toEqual({ text: '', timedOut: 'first token' });
    expect(runner.sent.at(-1)?.$case).toBe('cancel');
  });

  it('end it when it pauses too long, and bill what was generated as cancelled', async () => {
    const { jobs, clock, runner, job, heard } = await begun();
    clock.nowMs = 599;
    jobs.passTime();
    expect(heard.timedOut).toBeUndefined();
    clock.nowMs = 600;
    jobs.passTime();
    expect(heard.timedOut).toBe('inter-token');
    jobs.hear(runner, finished());
    await expect(job.ended).resolves.toMatchObject({ outcome: { kind: 'cancelled' }, usage: { completionTokens: 2 } });
  });

  it('do not count the time in which the caller does not read', async () => {
    const { jobs, clock, job, heard } = await begun();
    jobs.callerFellBehind(job);
    clock.nowMs = 3_000;
    jobs.passTime();
    jobs.callerCaughtUp(job);
    clock.nowMs = 3_499;
    jobs.passTime();
    expect(heard.timedOut).toBeUndefined();
    clock.nowMs = 3_500;
    jobs.passTime();
    expect(heard.timedOut).toBe('inter-token');
  });

  it('let an answer wait for its next attempt until the total one', async () => {
    const { jobs, clock, link, job, heard } = await begun();
    jobs.loseLink('a');
    clock.nowMs = 5_000;
    jobs.passTime();
    const second = link('b');
    jobs.hear(second, claim(2));
    clock.nowMs = 9_999;
    jobs.passTime();
    expect(heard.timedOut).toBeUndefined();
    clock.nowMs = 10_000;
    jobs.hear(second, finished(2));
    expect(heard.timedOut).toBe('total');
    await expect(job.ended).resolves.toMatchObject({ outcome: { kind: 'cancelled' } });
  });
});
