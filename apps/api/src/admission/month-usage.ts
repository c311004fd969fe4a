import type { QuotaMonth } from '@millrace/domain/admission';

/** A healthy answer takes milliseconds; a caller waits for it. */
const ANSWER_WITHIN_MS = 1_000;

/** Tokens of prompts and answers. */
export interface TokensUsed {
  /** Of the tenant as a whole. */
  tenant: number;
  key: number;
}

export interface MonthUsageOptions {
  /** Postgres. Implemented by MonthUsageStore. */
  source: { tokensBetween(tenantId: string, keyId: string, period: QuotaMonth): Promise<TokensUsed> };
  onError: (error: unknown, what: string) => void;
}

/** What tenants and keys have used this month by the roll-ups: asked once at a time for each key. */
export class MonthUsage {
  private readonly running = new Map<string, Promise<TokensUsed | undefined>>();

  constructor(private readonly options: MonthUsageOptions) {}

  /** Undefined while Postgres does not answer. */
  read(tenantId: string, keyId: string, month: QuotaMonth): Promise<TokensUsed | undefined> {
    const running = this.running.get(keyId);
    if (running !== undefined) return running;
    const reading = this.ask(tenantId, keyId, month).finally(() => this.running.delete(keyId));
    this.running.set(keyId, reading);
    return reading;
  }

  private async ask(tenantId: string, keyId: string, month: QuotaMonth): Promise<TokensUsed | undefined> {
    const { source, onError } = this.options;
    try {
      return await withTimeout(source.tokensBetween(tenantId, keyId, month));
    } catch (error) {
      onError(error, `read what ${tenantId} has used of its quota, which is not held to until Postgres answers`);
      return undefined;
    }
  }
}

async function withTimeout<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('Postgres did not answer in time')), ANSWER_WITHIN_MS);
  });
  return Promise.race([work, timeout]).finally(() => clearTimeout(timer));
}
