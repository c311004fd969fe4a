import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import type { Ticket } from '@millrace/contracts/job-contract';
import { newId } from '@millrace/platform/ids';
import { TicketQueues, TicketTaker, type TakenTicket } from './index.js';

const redisUrl = process.env['TEST_REDIS_URL'] ?? '';
/** The takers' user may touch queue keys only. */
const runnerRedisUrl = process.env['TEST_RUNNER_REDIS_URL'] ?? redisUrl;

function fail(error: Error): void {
  throw error;
}

async function takeOne(taker: TicketTaker): Promise<TakenTicket> {
  for (;;) {
    const taken = await taker.take();
    if (taken !== undefined) return taken;
  }
}

/** Stands between a client and Redis; while it is frozen no answer passes. */
class Gate {
  private readonly sockets: Socket[] = [];
  private readonly server = createServer((client) => {
    const redis = connect(Number(new URL(redisUrl).port), new URL(redisUrl).hostname);
    client.on('data', (bytes) => redis.write(bytes));
    redis.on('data', (bytes) => client.write(bytes));
    for (const socket of [client, redis]) socket.on('error', () => socket.destroy());
    this.sockets.push(client, redis);
  });

  async open(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    const url = new URL(redisUrl);
    url.hostname = '127.0.0.1';
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  freeze(): void {
    for (const socket of this.sockets) socket.pause();
  }

  thaw(): void {
    for (const socket of this.sockets) socket.resume();
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

describe('tickets in a queue', () => {
  let connection: Redis;
  let queues: TicketQueues;
  let deploymentId: string;
  const takers: TicketTaker[] = [];

  const ticket = (overrides: Partial<Ticket> = {}): Ticket => ({
    jobId: newId('ses'),
    attempt: 1,
    tenantId: 'ten_1',
    deploymentId,
    owner: 'boot-1',
    costTokens: 1,
    contextTokens: 1,
    prefixHashes: [],
    ...overrides,
  });

  const newTaker = async (): Promise<TicketTaker> => {
    const taker = new TicketTaker(runnerRedisUrl, deploymentId, fail);
    takers.push(taker);
    await taker.start();
    return taker;
  };

  beforeEach(async () => {
    connection = new Redis(redisUrl, { enableOfflineQueue: true, maxRetriesPerRequest: 1 });
    await connection.ping();
    queues = new TicketQueues(connection, fail);
    deploymentId = newId('dep');
  });

  afterEach(async () => {
    await Promise.all(takers.splice(0).map((taker) => taker.close()));
    await queues.close();
    const keys = await connection.keys(`mr:q:{${deploymentId}}:*`);
    if (keys.length > 0) await connection.del(...keys);
    connection.disconnect();
  });

  it('are taken first in, first out', async () => {
    const tickets = [ticket(), ticket(), ticket()];
    for (const one of tickets) await queues.add(one);
    const taker = await newTaker();
    for (const expected of tickets) {
      const taken = await takeOne(taker);
      expect(taken.ticket).toEqual(expected);
      await taken.complete();
    }
  });

  it('wake a taker that already waits', async () => {
    const taker = await newTaker();
    const taken = takeOne(taker);
    const added = ticket();
    await queues.add(added);
    expect((await taken).ticket.jobId).toBe(added.jobId);
  });

  it('of a later attempt go ahead of first attempts', async () => {
    await queues.add(ticket());
    const retried = ticket({ attempt: 2 });
    await queues.add(retried);
    const taken = await takeOne(await newTaker());
    expect(taken.ticket.jobId).toBe(retried.jobId);
  });

  it('are taken by one taker only, however many wait', async () => {
    const all = await Promise.all([newTaker(), newTaker(), newTaker()]);
    const taken: string[] = [];
    const wanted = Array.from({ length: 30 }, () => ticket());
    const loops = all.map(async (taker) => {
      while (taken.length < wanted.length) {
        const one = await taker.take();
        if (one === undefined) continue;
        await one.complete();
        taken.push(one.ticket.jobId);
        if (taken.length === wanted.length) await Promise.all(all.map((other) => other.close()));
      }
    });
    await Promise.all(wanted.map((one) => queues.add(one)));
    await Promise.all(loops);
    expect([...taken].sort()).toEqual(wanted.map(({ jobId }) => jobId).sort());
  });

  it('can be taken many at once, each by one take', async () => {
    const tickets = Array.from({ length: 10 }, () => ticket());
    for (const one of tickets) await queues.add(one);
    const taker = await newTaker();
    const taken = await Promise.all(Array.from({ length: 12 }, () => taker.takeWaiting()));
    const found = taken.flatMap((one) => one?.ticket.jobId ?? []);
    expect([...found].sort()).toEqual(tickets.map(({ jobId }) => jobId).sort());
    expect(await taker.takeWaiting()).toBeUndefined();
  });

  it('come back when they are given back', async () => {
    const taker = await newTaker();
    const added = ticket();
    await queues.add(added);
    const first = await takeOne(taker);
    await first.giveBack(1);
    const second = await takeOne(taker);
    expect(second.ticket).toEqual(added);
  });

  it('that were removed are taken by nobody', async () => {
    const removed = ticket();
    const kept = ticket();
    await queues.add(removed);
    await queues.add(kept);
    await queues.remove(removed);
    const taken = await takeOne(await newTaker());
    expect(taken.ticket.jobId).toBe(kept.jobId);
  });

  it('are missing once they were completed, and not while a taker holds them', async () => {
    const added = ticket();
    await queues.add(added);
    const taken = await takeOne(await newTaker());
    expect(await queues.missing([added])).toEqual([]);
    await taken.complete();
    expect(await queues.missing([added])).toEqual([added]);
  });

  it('have places in their queue, later attempts first, and none once they are taken', async () => {
    const [first, second, absent, retried] = [ticket(), ticket(), ticket(), ticket({ attempt: 2 })];
    for (const one of [first, second, retried]) await queues.add(one);
    expect(await queues.positions([first, second, absent, retried])).toEqual([2, 3, undefined, 1]);
    await takeOne(await newTaker());
    expect(await queues.positions([first, second, retried])).toEqual([1, 2, undefined]);
    expect(await queues.positions([])).toEqual([]);
  });

  it('return when their taker dies before it has claimed', async () => {
    const dying = await newTaker();
    const added = ticket();
    await queues.add(added);
    await takeOne(dying);
    await dying.close();
    const taken = await takeOne(await newTaker());
    expect(taken.ticket).toEqual(added);
  });

  it('end every take on its way when the taker closes while Redis is away', async () => {
    const gate = new Gate();
    const url = await gate.open();
    let taker!: TicketTaker;
    await new Promise<void>((resolve) => {
      taker = new TicketTaker(url, deploymentId, () => {
        resolve();
      });
      void taker
        .start()
        .then(() => taker.take())
        .then(() => {
          gate.close();
        });
    });
    const takes = [taker.take(), taker.takeWaiting()];
    await taker.close();
    expect(await Promise.all(takes)).toEqual([undefined, undefined]);
  });

  it('end a waiting take at once when the taker closes', async () => {
    const taker = await newTaker();
    const waiting = taker.take();
    await taker.close();
    await expect(waiting).resolves.toBeUndefined();
  });

  describe('of a deployment nobody asked for before', () => {
    let gate: Gate;
    let gated: Redis;
    let gatedQueues: TicketQueues;

    beforeEach(async () => {
      gate = new Gate();
      gated = new Redis(await gate.open(), {
        enableOfflineQueue: false,
        maxRetriesPerRequest: 1,
        commandTimeout: 200,
        retryStrategy: () => 50,
      });
      gated.on('error', () => undefined);
      await once(gated, 'ready');
      gatedQueues = new TicketQueues(gated, () => undefined);
    });

    afterEach(async () => {
      await gatedQueues.close();
      gated.disconnect();
      gate.close();
    });

    it('are refused in time while Redis is frozen, and taken once it answers again', async () => {
      gate.freeze();
      await expect(gatedQueues.add(ticket())).rejects.toThrow('timed out');
      gate.thaw();
      await gatedQueues.add(ticket());
    });

    it('are refused at once while Redis is away', async () => {
      gate.close();
      await once(gated, 'reconnecting');
      await expect(gatedQueues.add(ticket())).rejects.toThrow('out of reach');
    });
  });
});
