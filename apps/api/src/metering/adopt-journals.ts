import type { Redis } from 'ioredis';
import type { UsageRecord } from '@millrace/adapters/postgres';
import { presenceKey } from '../links/presence.js';
import { adoptedRow, isFullyReported } from './adopted-row.js';
import { readJournalEntry, type JournalEntry } from './journal-entry.js';
import { adopterKey, journalKey, JOURNALS, reportsKey } from './journal-keys.js';
import { readOrphanReport } from './orphan-report.js';

/** How long runners may take to tell what attempts of a dead process have used: they come back within seconds. */
const REPORTS_WITHIN_MS = 30_000;
/**
 * How long what is reported may be overtaken: by a newer attempt, or by the process itself. One that was only frozen is
 * back or killed by then, and after an outage of Redis every process is without a presence for a moment.
 */
const OVERTAKEN_WITHIN_MS = 10_000;
/**
 * How long an empty journal is kept without its process. One that has just started, or has lost Redis for a moment, has no
 * presence yet and may accept a request at any time; whoever forgot it then would leave that request to no one.
 */
const KEPT_EMPTY_MS = 30_000;
/** A take-over that is not renewed for this long was made by a process that has died as well. */
const TAKE_OVER_SECONDS = 30;
const ROWS_A_STATEMENT = 500;

export interface JournalAdopterOptions {
  redis: Redis;
  /** Boot id of this process. */
  owner: string;
  /** Postgres; storing a row twice must be harmless. */
  store: (rows: readonly UsageRecord[]) => Promise<void>;
  /** Hears how many requests were metered, by whether runners have told all that they used. */
  onAdopted: (requests: { reported: number; estimated: number }) => void;
  nowMs: () => number;
  onError: (error: unknown, what: string) => void;
}

/**
 * Writes the usage rows of requests whose API process has died, out of its journal and what runners report. One process
 * takes a journal over; should two believe so, the row of a request is still written once.
 */
export class JournalAdopter {
  /** When this process took over each journal. */
  private readonly takenOverAtMs = new Map<string, number>();
  private looking = false;

  constructor(private readonly options: JournalAdopterOptions) {}

  /** Looks once for journals without a process; to be called every few seconds. While a look goes on, nothing happens. */
  async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    try {
      for (const owner of await this.deadOwners()) if (await this.takeOver(owner)) await this.settle(owner);
    } finally {
      this.looking = false;
    }
  }

  private async deadOwners(): Promise<string[]> {
    const { redis, owner: self } = this.options;
    const others = (await redis.smembers(JOURNALS)).filter((owner) => owner !== self);
    if (others.length === 0) return [];
    const presences = await redis.mget(others.map(presenceKey));
    const dead = others.filter((_, index) => presences[index] === null);
    // One that is back may be alive after all: should it go again, it is waited for anew.
    for (const owner of this.takenOverAtMs.keys()) if (!dead.includes(owner)) this.takenOverAtMs.delete(owner);
    return dead;
  }

  private async takeOver(owner: string): Promise<boolean> {
    const { redis, owner: self, nowMs } = this.options;
    const key = adopterKey(owner);
    const isNew = (await redis.set(key, self, 'EX', TAKE_OVER_SECONDS, 'NX')) === 'OK';
    if (!isNew && (await redis.get(key)) !== self) return false;
    if (!isNew) await redis.expire(key, TAKE_OVER_SECONDS);
    if (!this.takenOverAtMs.has(owner)) this.takenOverAtMs.set(owner, nowMs());
    return true;
  }

  private async settle(owner: string): Promise<void> {
    const { redis, store, onAdopted, nowMs } = this.options;
    const waitedMs = nowMs() - (this.takenOverAtMs.get(owner) ?? nowMs());
    const entries = await this.readHash(journalKey(owner), readJournalEntry);
    if (entries.length === 0) {
      if (waitedMs >= KEPT_EMPTY_MS) await this.forget(owner);
      return;
    }
    const reports = await this.readHash(reportsKey(owner), readOrphanReport);
    const isDue = (entry: JournalEntry): boolean =>
      waitedMs >= REPORTS_WITHIN_MS || (waitedMs >= OVERTAKEN_WITHIN_MS && isFullyReported(entry, reports));
    const due = entries.filter(isDue);
    for (let start = 0; start < due.length; start += ROWS_A_STATEMENT) {
      const part = due.slice(start, start + ROWS_A_STATEMENT);
      await store(part.map((entry) => adoptedRow(entry, reports)));
      await redis.hdel(journalKey(owner), ...part.map(({ requestId }) => requestId));
      const reported = part.filter((entry) => isFullyReported(entry, reports)).length;
      onAdopted({ reported, estimated: part.length - reported });
    }
  }

  private async forget(owner: string): Promise<void> {
    const { redis } = this.options;
    this.takenOverAtMs.delete(owner);
    await redis.multi().srem(JOURNALS, owner).del(reportsKey(owner), adopterKey(owner)).exec();
  }

  /** What cannot be read must not hold up the rest. */
  private async readHash<Value>(key: string, read: (text: string) => Value): Promise<Value[]> {
    const { redis, onError } = this.options;
    const values: Value[] = [];
    for (const [field, text] of Object.entries(await redis.hgetall(key))) {
      try {
        values.push(read(text));
      } catch (error) {
        onError(error, `read ${field} of ${key}, which is dropped`);
        await redis.hdel(key, field);
      }
    }
    return values;
  }
}
