import { Redis } from 'ioredis';
import { TicketQueues, TicketTaker, type TakenTicket } from '@millrace/adapters/completion-queue';
import type { GenerateEvent } from '@millrace/adapters/engines';
import type { TokenStreamServer } from '@millrace/adapters/token-stream';
import { ticketId, type Ticket } from '@millrace/contracts/job-contract';
import { newId } from '@millrace/platform/ids';
import { acceptRunnerLinks } from '../../../api/src/links/runner-links.js';
import { JobOwner } from '../../../api/src/queueing/job-owner.js';
import { OwnerLinks } from '../../../runner/src/owner-links.js';
import { ReplicaService } from '../../../runner/src/serve-replica.js';
import { eventually } from '../eventually.js';
import { ask } from './every-cut.js';
import { specOf } from './owner-and-runners.js';

const OWNER = 'boot-1';
const redisUrl = process.env['TEST_REDIS_URL'] ?? '';
const runnerRedisUrl = process.env['TEST_RUNNER_REDIS_URL'] ?? redisUrl;
/** A lost lock is noticed by the second sweep, each two seconds after the one before. */
const TICKET_RETURNS_WITHIN_MS = 20_000;
/** Redis has no such ticket any more. */
const LATE_COMPLETION = 'first could not complete a ticket';

/** Something a test waits for or lets happen. */
class Moment {
  come!: () => void;
  readonly has = new Promise<void>((resolve) => (this.come = resolve));
}

describe('a ticket whose lock is lost while its job generates', () => {
  let redis: Redis;
  let queues: TicketQueues;
  let server: TokenStreamServer;
  let owner: JobOwner;
  const deploymentId = newId('dep');
  const runners: { service: ReplicaService; links: OwnerLinks }[] = [];
  const added: Ticket[] = [];
  const errors: string[] = [];
  const generated: string[] = [];
  const middle = new Moment();

  /** An answer of two chunks; the second comes when the test has seen enough. */
  const generate = (runner: string) =>
    async function* (): AsyncGenerator<GenerateEvent> {
      generated.push(runner);
      yield { kind: 'chunk', tokenIds: [1], text: 'a' };
      await middle.has;
      yield { kind: 'chunk', tokenIds: [2], text: 'b' };
      yield { kind: 'finished', reason: 'stop', usage: { promptTokens: 1, completionTokens: 2, cachedTokens: 0 } };
    };

  /** A runner with one slot, on whose word about a ticket Redis waits as long as the test wants. */
  async function startRunner(name: string, mayComplete: Promise<void>): Promise<void> {
    const taker = new TicketTaker(runnerRedisUrl, deploymentId, (error) => errors.push(String(error)));
    await taker.start();
    const links = new OwnerLinks('credential', () => undefined);
    links.updateDirectory([{ owner: OWNER, address: `127.0.0.1:${String(server.port)}` }]);
    const slowly = (taken: TakenTicket | undefined): TakenTicket | undefined =>
      taken && { ...taken, complete: () => mayComplete.then(() => taken.complete()) };
    const slowTaker = {
      take: () => taker.take().then(slowly),
      takeWaiting: () => taker.takeWaiting().then(slowly),
      close: () => taker.close(),
    };
    const tools = {
      links,
      replica: { generate: generate(name) },
      replicaId: newId('rep'),
      skippedOwners: new Map<string, number>(),
      pacer: { idle: true, later: () => undefined },
      handOver: new AbortController().signal,
      onError: (_: unknown, what: string) => errors.push(`${name} could not ${what}`),
    };
    const service = new ReplicaService(slowTaker, tools, 1);
    runners.push({ service, links });
    void service.run();
  }

  beforeAll(async () => {
    redis = new Redis(redisUrl, { maxRetriesPerRequest: 1 });
    await redis.ping();
    queues = new TicketQueues(redis, (error) => errors.push(String(error)));
    const tickets = {
      add: async (ticket: Ticket): Promise<void> => {
        added.push(ticket);
        await queues.add(ticket);
      },
      remove: (ticket: Ticket) => queues.remove(ticket),
      missing: (some: readonly Ticket[]) => queues.missing(some),
    };
    owner = new JobOwner({ owner: OWNER, tickets, nowMs: Date.now, onError: (_, what) => errors.push(what) });
    const authenticate = async (): Promise<{ runnerId: string }> => Promise.resolve({ runnerId: 'run_1' });
    const links = { listen: '127.0.0.1:0', owner: OWNER, jobs: owner, authenticate };
    server = await acceptRunnerLinks({
      ...links,
      orphanReports: { hear: () => undefined },
      rights: { add: () => undefined, remove: () => undefined, mayClaim: () => true },
      onError: () => undefined,
    });
  });

  afterAll(async () => {
    for (const { service, links } of runners) {
      await service.stopTaking();
      links.close();
    }
    server.close();
    await queues.close();
    const keys = await redis.keys(`mr:q:{${deploymentId}}:*`);
    if (keys.length > 0) await redis.del(...keys);
    redis.disconnect();
  });

  it('comes back and is dropped: the stream goes on, and the job runs once', async () => {
    const lockIsLost = new Moment();
    const firstText = new Moment();
    await startRunner('first', lockIsLost.has);
    const job = owner.listen({ ...specOf(newId('ses'), ask('')), deploymentId });
    let text = '';
    job.listener = {
      onPiece: (piece) => {
        text += piece.text;
        firstText.come();
      },
      onTimeOut: () => undefined,
    };
    await owner.enqueue(job);
    await firstText.has;

    const [ticket] = added;
    if (ticket === undefined) throw new Error('no ticket was added');
    expect(await redis.del(`mr:q:{${deploymentId}}:${ticketId(ticket)}:lock`)).toBe(1);
    await startRunner('second', Promise.resolve());
    await eventually('the ticket has come back and was dropped', TICKET_RETURNS_WITHIN_MS, async () => {
      const missing = await queues.missing([ticket]);
      return missing.length === 1 ? true : undefined;
    });
    lockIsLost.come();
    middle.come();

    expect(await job.ended).toMatchObject({
      outcome: { kind: 'completed' },
      attempts: 1,
      usage: { completionTokens: 2 },
    });
    expect(text).toBe('ab');
    expect(added).toHaveLength(1);
    expect(generated).toEqual(['first']);
    expect(errors.filter((error) => error !== LATE_COMPLETION)).toEqual([]);
    owner.release(job);
  });
});
