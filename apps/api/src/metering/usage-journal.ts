import type { Redis } from 'ioredis';
import type { ChatCall } from '../completions/complete-chat-port.js';
import type { OwnedJob } from '../queueing/owned-job.js';
import { journalEntry } from './journal-entry.js';
import { JOURNALS, journalKey } from './journal-keys.js';

interface OpenRequest {
  call: ChatCall;
  jobs: readonly OwnedJob[];
  /** Grows with what there is to note. */
  notedProgress: number;
}

export interface UsageJournalOptions {
  redis: Redis;
  /** Boot id of this process. */
  owner: string;
  nowMs: () => number;
}

/**
 * The open requests of this process in Redis, so that another process can write their usage rows when this one dies.
 * Nobody waits for it: Redis takes the commands of a connection in their order, so a request is in the journal before
 * its ticket is in the queue. Owner of the journal's key as long as this process lives.
 */
export class UsageJournal {
  private readonly open = new Map<string, OpenRequest>();
  private readonly key: string;
  /** Whether Redis may lack something of it. */
  private isBehind = true;

  constructor(private readonly options: UsageJournalOptions) {
    this.key = journalKey(options.owner);
  }

  /** A request begins; to be called before its first ticket is added. */
  begin(call: ChatCall, jobs: readonly OwnedJob[]): void {
    const request = { call, jobs, notedProgress: 0 };
    this.open.set(call.requestId, request);
    this.gatherWrites();
    this.written(this.options.redis.hset(this.key, ...this.fieldOf(request)));
  }

  /** Requests whose rows are safe, or of which there is nothing to count. */
  end(requestIds: readonly string[]): void {
    for (const requestId of requestIds) this.open.delete(requestId);
    if (requestIds.length > 0) this.written(this.options.redis.hdel(this.key, ...requestIds));
  }

  /** Notes how far the answers have come; to be called every few seconds. */
  note(): void {
    const { redis, owner } = this.options;
    const fields = [...this.open.values()].filter((request) => this.isBehind || hasProgressed(request));
    const write = redis.multi().sadd(JOURNALS, owner);
    if (this.isBehind) write.del(this.key);
    if (fields.length > 0) write.hset(this.key, ...fields.flatMap((request) => this.fieldOf(request)));
    this.isBehind = false;
    this.written(write.exec());
  }

  /** Redis is back and may have lost something. */
  rewrite(): void {
    this.isBehind = true;
    this.note();
  }

  /** What is sent in this turn leaves in one packet: the entry with its ticket, and those of requests that came together. */
  private gatherWrites(): void {
    const { stream } = this.options.redis;
    if (stream === undefined || stream.writableCorked > 0) return;
    stream.cork();
    process.nextTick(() => stream.uncork());
  }

  private fieldOf(request: OpenRequest): [string, string] {
    const { call, jobs } = request;
    request.notedProgress = progressOf(jobs);
    return [call.requestId, JSON.stringify(journalEntry(call, jobs, this.options.nowMs()))];
  }

  /** What could not be written is written with the next note; the connection tells its outages itself. */
  private written(work: Promise<unknown>): void {
    work.catch(() => {
      this.isBehind = true;
    });
  }
}

function hasProgressed({ jobs, notedProgress }: OpenRequest): boolean {
  return progressOf(jobs) !== notedProgress;
}

function progressOf(jobs: readonly OwnedJob[]): number {
  return jobs.reduce((sum, { state, firstClaimAtMs, deliveredTokenIds }) => {
    return firstClaimAtMs === undefined ? sum : sum + state.attempt + deliveredTokenIds.length;
  }, 0);
}
