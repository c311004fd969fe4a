import { once } from 'node:events';
import { DEMAND_CHANNEL, type DemandReport } from '@millrace/contracts/job-contract';
import { createLogger } from '@millrace/platform/observability';
import { Redis } from 'ioredis';
import { watchDemand } from './demand-watch.js';

const redisUrl = process.env['TEST_REDIS_URL'] ?? '';

const report: DemandReport = {
  owner: 'boot-1',
  queues: [
    {
      ...{ deploymentId: 'dep_1', waitingJobs: 1, waitingTokens: 9, oldestWaitMs: 5, answers: 0 },
      ...{ arrivalsPerSecond: 0.5, arrivalTokensPerSecond: 4, slotTokensPerSecond: 0 },
    },
  ],
};

describe('demand that API processes tell', () => {
  it('is heard, and what is no report is not', async () => {
    const heard: DemandReport[] = [];
    let onReport: () => void = () => undefined;
    const first = new Promise<void>((resolve) => (onReport = resolve));
    const watch = watchDemand({
      redisUrl,
      logger: createLogger('test', 'silent'),
      onReport: (told) => {
        heard.push(told);
        onReport();
      },
    });
    const redis = new Redis(redisUrl, { lazyConnect: true });
    redis.connect().catch(() => undefined);
    await once(redis, 'ready');
    for (const text of ['no json', '{"owner":1}']) await redis.publish(DEMAND_CHANNEL, text);
    // Until the watch has subscribed nobody hears.
    while ((await redis.publish(DEMAND_CHANNEL, JSON.stringify(report))) === 0);
    await first;
    expect(heard[0]).toEqual(report);
    watch.close();
    redis.disconnect();
  });
});
