import { claim, listenTo, spec, world } from '../../test/job-owner-world.js';
import type { PlaceInQueue } from './owned-job.js';
import { PlaceTeller } from './tell-places.js';

/** Two streamed jobs and one that cannot hear of its place, all accepted at 0. */
function callers() {
  const { jobs, clock, link } = world();
  const told: Record<string, PlaceInQueue[]> = { ses_1: [], ses_2: [] };
  for (const jobId of ['ses_1', 'ses_2', 'ses_3']) {
    const job = jobs.listen({ ...spec, jobId, startDeadlineMs: 60_000, totalDeadlineMs: 60_000 });
    listenTo(job);
    if (job.listener && jobId !== 'ses_3') job.listener.onPlace = (place) => told[jobId]?.push(place);
  }
  const asked: string[][] = [];
  const redis = { away: false };
  const served = { deploymentId: 'dep_1', tokensPerSecond: 10, answers: 1, meanAnswerTokens: 20 };
  const queue = { ...served, waiting: 3, running: 0, oldestWaitMs: 0, byTenant: {}, byBand: {} };
  const teller = new PlaceTeller({
    jobs: () => jobs.all(),
    positions: async (tickets) => {
      if (redis.away) throw new Error('Redis is away');
      asked.push(tickets.map(({ jobId }) => jobId));
      return Promise.resolve(tickets.map((_, index) => index + 1));
    },
    gather: () => Promise.resolve({ queues: new Map([['dep_1', queue]]), complete: true }),
    nowMs: () => clock.nowMs,
    onError: () => undefined,
  });
  return { jobs, clock, link, told, asked, redis, teller, queue };
}

describe('a caller who waits', () => {
  it('hears nothing for 10 s, then its place and when it is its turn, all callers with one question', async () => {
    const { clock, told, asked, teller } = callers();
    clock.nowMs = 9_999;
    await teller.look();
    expect(asked).toEqual([]);
    clock.nowMs = 10_000;
    await teller.look();
    expect(asked).toEqual([['ses_1', 'ses_2']]);
    expect(told).toEqual({ ses_1: [{ position: 1, etaMs: 2_000 }], ses_2: [{ position: 2, etaMs: 4_000 }] });
  });

  it('hears it again every few seconds', async () => {
    const { clock, told, teller } = callers();
    for (clock.nowMs = 10_000; clock.nowMs <= 16_000; clock.nowMs += 1_000) await teller.look();
    expect(told['ses_1']).toHaveLength(3);
  });

  it('is at place 0 once a replica works on its job', async () => {
    const { jobs, clock, link, told, teller } = callers();
    jobs.hear(link('a'), claim());
    clock.nowMs = 10_000;
    await teller.look();
    expect(told['ses_1']).toEqual([{ position: 0, etaMs: 0 }]);
  });

  it('hears its place alone while nothing is known of the rate', async () => {
    const { clock, told, teller, queue } = callers();
    queue.answers = 0;
    clock.nowMs = 10_000;
    await teller.look();
    expect(told['ses_2']).toEqual([{ position: 2 }]);
  });

  it('hears that it is not forgotten while Redis is away', async () => {
    const { clock, told, redis, teller } = callers();
    redis.away = true;
    clock.nowMs = 10_000;
    await teller.look();
    expect(told['ses_1']).toEqual([{}]);
  });
});
