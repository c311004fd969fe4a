import type { QuotaMonth } from '@millrace/domain/admission';

/** Where the tokens of a month come from. Implemented by UsageStore. */
export interface MonthUsageSource {
  /** Of the tenant as a whole, and of one of its keys. */
  tokensBetween(tenantId: string, keyId: string, period: QuotaMonth): Promise<TokensUsed>;
}

export interface TokensUsed {
  tenant: number;
  key: number;
}

/** What tenants and keys have used this month by the roll-ups in Postgres: asked once at a time for each key. */
export class MonthUsage {
  private readonly running = new Map<string, Promise<TokensUsed>>();

  constructor(private readonly source: MonthUsageSource) {}

  read(tenantId: string, keyId: string, month: QuotaMonth): Promise<TokensUsed> {
    const running = this.running.get(keyId);
    if (running !== undefined) return running;
    const reading = this.source.tokensBetween(tenantId, keyId, month).finally(() => this.running.delete(keyId));
    this.running.set(keyId, reading);
    return reading;
  }
}
