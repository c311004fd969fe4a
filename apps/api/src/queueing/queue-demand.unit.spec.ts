import { chunk, claim, finished, spec, world } from '../../test/job-owner-world.js';
import { queueDemand } from './queue-demand.js';

const demandOf = ({ jobs, clock }: Pick<ReturnType<typeof world>, 'jobs' | 'clock'>) =>
  queueDemand(jobs.work(), clock.nowMs);

describe('what a process asks of the fleet', () => {
  it('is nothing before anything came', () => {
    expect(demandOf(world())).toEqual([]);
  });

  it('counts jobs that wait, their estimated tokens and the oldest wait, by deployment', () => {
    const { jobs, link, clock } = world();
    const runner = link('a');
    jobs.listen(spec);
    jobs.hear(runner, claim());
    clock.nowMs = 100;
    jobs.listen({ ...spec, jobId: 'ses_2' });
    jobs.listen({ ...spec, jobId: 'ses_3' });
    jobs.listen({ ...spec, jobId: 'ses_4', deploymentId: 'dep_2' });
    clock.nowMs = 400;
    expect(demandOf({ jobs, clock })).toMatchObject([
      { deploymentId: 'dep_1', waitingJobs: 2, waitingTokens: 60, oldestWaitMs: 300 },
      { deploymentId: 'dep_2', waitingJobs: 1, waitingTokens: 30, oldestWaitMs: 300 },
    ]);
  });

  it('measures how fast jobs come, and forgets within a few half minutes', () => {
    const { jobs, clock } = world();
    for (let second = 0; second < 120; second += 1) {
      clock.nowMs = second * 1_000;
      for (const half of [1, 2]) jobs.cancel(jobs.listen({ ...spec, jobId: `ses_${String(second)}${String(half)}` }));
    }
    const steady = demandOf({ jobs, clock })[0];
    expect(steady?.arrivalsPerSecond).toBeCloseTo(2, 0);
    expect(steady?.arrivalTokensPerSecond).toBeCloseTo(60, -1);
    clock.nowMs += 300_000;
    expect(demandOf({ jobs, clock })[0]?.arrivalsPerSecond).toBeLessThan(0.001);
  });

  it('measures what a slot serves: prompt and answer, from the claim to the end', () => {
    const { jobs, link, clock } = world();
    const runner = link('a');
    jobs.listen(spec);
    clock.nowMs = 500;
    jobs.hear(runner, claim());
    for (let seq = 0; seq < 35; seq += 1) jobs.hear(runner, chunk(seq, 'x'));
    clock.nowMs = 900;
    jobs.hear(runner, finished());
    // 5 tokens of prompt and 35 of the answer in 400 ms.
    expect(demandOf({ jobs, clock })).toMatchObject([{ waitingJobs: 0, answers: 1, slotTokensPerSecond: 100 }]);
  });
});
