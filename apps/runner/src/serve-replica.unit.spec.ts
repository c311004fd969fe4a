import { setMaxListeners } from 'node:events';
import type { TakenTicket } from '@millrace/adapters/completion-queue';
import type { GenerateEvent } from '@millrace/adapters/engines';
import type { OwnerConnection } from './owner-links.js';
import { ReplicaService } from './serve-replica.js';
import type { ServeTools } from './serve-job.js';

const usage = { promptTokens: 1, completionTokens: 0, cachedTokens: 0 };

/** A queue in memory that counts how often it was asked in vain. */
function queueOf(waiting: number) {
  let taken = 0;
  let wake: () => void = () => undefined;
  const queue = { waiting, emptyTakes: 0, atOnce: 0, mostAtOnce: 0, givenBack: 0 };
  const ticket = (): TakenTicket => {
    queue.waiting -= 1;
    taken += 1;
    const data = { jobId: `ses_${String(taken)}`, attempt: 1, owner: 'me', deploymentId: 'dep_1' };
    const done = async (): Promise<void> => Promise.resolve();
    const giveBack = async (): Promise<void> => {
      queue.givenBack += 1;
      return done();
    };
    return { ticket: data, complete: done, giveBack } as unknown as TakenTicket;
  };
  const taker = {
    take: async () => {
      if (queue.waiting === 0) await new Promise<void>((resolve) => (wake = resolve));
      return queue.waiting === 0 ? undefined : ticket();
    },
    takeWaiting: async () => {
      queue.atOnce += 1;
      queue.mostAtOnce = Math.max(queue.mostAtOnce, queue.atOnce);
      await Promise.resolve();
      queue.atOnce -= 1;
      if (queue.waiting > 0) return ticket();
      queue.emptyTakes += 1;
      return undefined;
    },
    close: async () => {
      wake();
      return Promise.resolve();
    },
  };
  return { queue, taker };
}

/** A hand-over that never comes; every job in a slot listens. */
function manyListeners(): AbortSignal {
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  return signal;
}

/** Every claim is granted; answers end when the test says so. */
function toolsThatHold(): { tools: ServeTools; finishAll: () => void; running: () => number } {
  let running = 0;
  const finishers: (() => void)[] = [];
  const connection: OwnerConnection = {
    send: () => undefined,
    listen: (attempt, listener) => {
      const payload = { messages: [], stop: [], deliveredTokenIds: [], deliveredBytes: 0, maxCompletionTokens: 0 };
      queueMicrotask(() => {
        const value = { ...attempt, payload, totalDeadlineMs: 0, creditTokens: 0 };
        listener.onEvent({ $case: 'assign', value } as unknown as Parameters<typeof listener.onEvent>[0]);
      });
      return () => undefined;
    },
  };
  const generate = async function* (): AsyncGenerator<GenerateEvent> {
    running += 1;
    await new Promise<void>((resolve) => finishers.push(resolve));
    running -= 1;
    yield { kind: 'finished', reason: 'stop', usage };
  };
  const links = { connectionTo: async () => Promise.resolve(connection), isListed: () => true };
  const tools = {
    links,
    replicaId: 'rep_1',
    skippedOwners: new Map(),
    pacer: { idle: true, later: () => undefined },
    handOver: manyListeners(),
    onError: (error: unknown) => {
      throw error;
    },
    replica: { generate },
  } as unknown as ServeTools;
  return {
    tools,
    running: () => running,
    finishAll: () => {
      for (const finish of finishers.splice(0)) finish();
    },
  };
}

/** Lets everything happen that needs no timer. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

describe('a replica with free slots', () => {
  it('takes a burst many at a time, up to its slots and no further', async () => {
    const { queue, taker } = queueOf(100);
    const { tools, finishAll, running } = toolsThatHold();
    const service = new ReplicaService(taker, tools, 64);
    const loop = service.run();
    await settle();
    expect(running()).toBe(64);
    expect(queue).toMatchObject({ waiting: 36, mostAtOnce: 16 });
    finishAll();
    await settle();
    expect(running()).toBe(36);
    await service.stopTaking();
    finishAll();
    await service.drained();
    await loop;
  });

  it('asks once in vain after a ticket that came alone', async () => {
    const { queue, taker } = queueOf(1);
    const { tools, finishAll, running } = toolsThatHold();
    const service = new ReplicaService(taker, tools, 8);
    const loop = service.run();
    await settle();
    expect(running()).toBe(1);
    expect(queue.emptyTakes).toBe(1);
    await service.stopTaking();
    finishAll();
    await service.drained();
    await loop;
  });

  it('gives back unclaimed what was on its way when its engine died', async () => {
    const { queue, taker } = queueOf(0);
    const { tools, running } = toolsThatHold();
    const service = new ReplicaService(taker, tools, 8);
    const loop = service.run();
    await settle();
    queue.waiting = 1;
    await service.abandon();
    await service.drained();
    await loop;
    expect(queue.givenBack).toBe(1);
    expect(running()).toBe(0);
  });
});
