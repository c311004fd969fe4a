import type { DataSource } from 'typeorm';

/** Days of UTC, from the first instant of the first to that after the last. */
interface Days {
  startMs: number;
  endMs: number;
}

interface TokensOfMonth {
  tenant: number;
  key: number;
}

/** What tenants have used in a month, by the roll-ups. */
export class MonthUsageStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Tokens of prompts and answers: those of the tenant as a whole, and of one of its keys. */
  async tokensBetween(tenantId: string, keyId: string, { startMs, endMs }: Days): Promise<TokensOfMonth> {
    const [row] = await this.dataSource.query<[TokensOfMonth]>(
      `SELECT coalesce(sum(tokens), 0)::float8 AS tenant, coalesce(sum(tokens) FILTER (WHERE key_id = $2), 0)::float8 AS key
       FROM (
         SELECT key_id, prompt_tokens + completion_tokens AS tokens FROM usage_rollups
         WHERE tenant_id = $1 AND granularity = 'day' AND start_at >= $3 AND start_at < $4
       ) AS days`,
      [tenantId, keyId, new Date(startMs), new Date(endMs)],
    );
    return row;
  }
}
