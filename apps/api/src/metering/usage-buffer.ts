import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { UsageRecord } from '@millrace/adapters/postgres';
import { journalKey } from './journal-keys.js';

const STREAM = 'mr:usage';
/** Rows read back at a time. */
const BATCH = 500;

const usageRecordSchema: z.ZodType<UsageRecord> = z.object({
  requestId: z.string(),
  jobId: z.string(),
  tenantId: z.string(),
  keyId: z.string(),
  agentId: z.string().exactOptional(),
  model: z.string(),
  deploymentId: z.string(),
  promptTokens: z.number(),
  cachedTokens: z.number(),
  completionTokens: z.number(),
  reasoningTokens: z.number(),
  queueMs: z.number(),
  firstTokenMs: z.number().exactOptional(),
  totalMs: z.number(),
  attempts: z.number(),
  outcome: z.enum(['completed', 'cancelled', 'failed', 'expired']),
  finishedAtMs: z.number(),
});

export interface UsageBufferOptions {
  redis: Redis;
  /** Boot id of this process. */
  owner: string;
  onError: (error: unknown, what: string) => void;
}

/** Usage that waits in a Redis stream while Postgres is away. Rows carry counts and ids only, never text. */
export class UsageBuffer {
  private readonly redis: Redis;

  constructor(private readonly options: UsageBufferOptions) {
    this.redis = options.redis;
  }

  /** A row moves here out of the journal in one step, so that nobody who adopts the journal estimates what is known. */
  async append(rows: readonly UsageRecord[]): Promise<void> {
    const write = this.redis.multi();
    for (const row of rows) write.xadd(STREAM, '*', 'row', JSON.stringify(row));
    write.hdel(journalKey(this.options.owner), ...rows.map(({ requestId }) => requestId));
    for (const [error] of (await write.exec()) ?? []) if (error) throw error;
  }

  /** How many rows wait. */
  length(): Promise<number> {
    return this.redis.xlen(STREAM);
  }

  /** Hands all waiting rows to `store` and removes them once it has them; returns how many there were. */
  async drainTo(store: (rows: UsageRecord[]) => Promise<void>): Promise<number> {
    let drained = 0;
    for (;;) {
      const entries = await this.redis.xrange(STREAM, '-', '+', 'COUNT', BATCH);
      if (entries.length === 0) return drained;
      await store(entries.flatMap(([, fields]) => this.read(fields[1] ?? '')));
      await this.redis.xdel(STREAM, ...entries.map(([id]) => id));
      drained += entries.length;
    }
  }

  /** A row that cannot be read must not hold up those behind it. */
  private read(text: string): UsageRecord[] {
    try {
      return [usageRecordSchema.parse(JSON.parse(text))];
    } catch (error) {
      this.options.onError(error, 'read a buffered usage row, which is dropped');
      return [];
    }
  }
}
