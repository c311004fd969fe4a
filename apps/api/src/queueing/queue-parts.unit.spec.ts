import { chunk, claim, finished, spec, world } from '../../test/job-owner-world.js';
import { queueParts } from './queue-parts.js';

const partsOf = ({ jobs, clock }: Pick<ReturnType<typeof world>, 'jobs' | 'clock'>) =>
  queueParts(jobs.work(), clock.nowMs);

describe("a process's part of a queue", () => {
  it('is empty without jobs', () => {
    expect(partsOf(world())).toEqual([]);
  });

  it('counts jobs by deployment, by tenant and by band, and the oldest wait', () => {
    const { jobs, link, clock } = world();
    const runner = link('a');
    jobs.listen(spec);
    jobs.hear(runner, claim());
    clock.nowMs = 100;
    jobs.listen({ ...spec, jobId: 'ses_2' });
    clock.nowMs = 150;
    jobs.listen({ ...spec, jobId: 'ses_3', tenantId: 'ten_2' });
    jobs.listen({ ...spec, jobId: 'ses_4', deploymentId: 'dep_2' });
    clock.nowMs = 400;
    const [first, second] = partsOf({ jobs, clock });
    expect(first).toMatchObject({
      deploymentId: 'dep_1',
      waiting: 2,
      running: 1,
      oldestWaitMs: 300,
      byTenant: { ten_1: { waiting: 1, running: 1 }, ten_2: { waiting: 1, running: 0 } },
      byBand: { standard: { waiting: 2, running: 1 } },
    });
    expect(second).toMatchObject({ deploymentId: 'dep_2', waiting: 1, running: 0 });
  });

  it('counts a job that is being cancelled as running, and one that has ended not at all', () => {
    const { jobs, link, clock } = world();
    const runner = link('a');
    const job = jobs.listen(spec);
    jobs.hear(runner, claim());
    jobs.cancel(job);
    expect(partsOf({ jobs, clock })[0]?.running).toBe(1);
    jobs.hear(runner, finished());
    expect(partsOf({ jobs, clock })).toEqual([]);
  });

  it('measures tokens per second over the last seconds, and the length of complete answers', () => {
    const { jobs, link, clock } = world();
    const runner = link('a');
    clock.nowMs = 60_000;
    jobs.listen(spec);
    jobs.hear(runner, claim());
    for (let seq = 0; seq < 18; seq++) {
      jobs.hear(runner, chunk(seq, 'x'));
      clock.nowMs += 250;
    }
    jobs.hear(runner, finished());
    clock.nowMs = 69_000;
    expect(partsOf({ jobs, clock })[0]).toMatchObject({
      tokensPerSecond: 2,
      answers: 1,
      meanAnswerTokens: 18,
      running: 0,
    });
    clock.nowMs = 90_000;
    expect(partsOf({ jobs, clock })[0]).toMatchObject({ tokensPerSecond: 0, answers: 1, meanAnswerTokens: 18 });
  });
});
