import { Redis } from 'ioredis';
import type { QueuePart } from '@millrace/domain/queues';
import { newBootId } from '@millrace/platform/ids';
import { QueueGatherer } from './gather-queues.js';

const redisUrl = process.env['TEST_REDIS_URL'] ?? '';
const connections: Redis[] = [];
const gatherers: QueueGatherer[] = [];

function part(waiting: number): QueuePart {
  const service = { tokensPerSecond: 0, answers: 0, meanAnswerTokens: 0 };
  const byTenant = { ten_1: { waiting, running: 0 } };
  return { deploymentId: 'dep_1', waiting, running: 0, oldestWaitMs: waiting, ...service, byTenant, byBand: {} };
}

async function connect(): Promise<Redis> {
  const redis = new Redis(redisUrl, { lazyConnect: true, enableOfflineQueue: false, autoResubscribe: false });
  connections.push(redis);
  await redis.connect();
  return redis;
}

/** An API process, as far as the others can tell. */
async function apiProcess(waiting: number) {
  const subscriber = await connect();
  const own = { parts: [part(waiting)] };
  const problems: string[] = [];
  const redis = await connect();
  const gatherer = new QueueGatherer({
    owner: newBootId(),
    redis,
    subscriber,
    ownParts: () => own.parts,
    onError: (_, what) => problems.push(what),
  });
  gatherers.push(gatherer);
  await gatherer.start();
  return { gatherer, own, redis, subscriber, problems };
}

afterEach(() => {
  for (const gatherer of gatherers.splice(0)) gatherer.close();
  for (const connection of connections.splice(0)) connection.disconnect();
});

describe('the queues of several API processes', () => {
  it('add up, whichever process is asked, as they are at that moment', async () => {
    const one = await apiProcess(1);
    const two = await apiProcess(2);
    await apiProcess(4);
    for (const { gatherer } of [one, two]) {
      const { queues, complete } = await gatherer.gather();
      expect(complete).toBe(true);
      expect(queues.get('dep_1')).toMatchObject({ waiting: 7, byTenant: { ten_1: { waiting: 7 } } });
    }
    two.own.parts = [];
    expect((await one.gatherer.gather()).queues.get('dep_1')?.waiting).toBe(5);
  });

  it('are told as incomplete when a process does not answer in time', async () => {
    const { gatherer } = await apiProcess(1);
    const silent = await connect();
    await silent.subscribe('mr:queues:question');
    const { queues, complete } = await gatherer.gather();
    expect(complete).toBe(false);
    expect(queues.get('dep_1')?.waiting).toBe(1);
  });

  it('are those of the asked process alone while Redis is away', async () => {
    const { gatherer, redis, problems } = await apiProcess(3);
    redis.disconnect();
    const { queues, complete } = await gatherer.gather();
    expect(complete).toBe(false);
    expect(queues.get('dep_1')?.waiting).toBe(3);
    expect(problems).toEqual(['ask the other API processes for their queues']);
  });

  it('are heard again after a connection broke', async () => {
    const one = await apiProcess(1);
    const two = await apiProcess(2);
    const ready = new Promise((resolve) => two.subscriber.once('ready', resolve));
    two.subscriber.disconnect(true);
    await ready;
    for (;;) {
      const { queues } = await one.gatherer.gather();
      if (queues.get('dep_1')?.waiting === 3) break;
    }
  });

  it('survive what others publish', async () => {
    const { gatherer, redis } = await apiProcess(1);
    await redis.publish('mr:queues:question', 'no json');
    await redis.publish('mr:queues:question', '{"id":1}');
    expect((await gatherer.gather()).complete).toBe(true);
  });
});
