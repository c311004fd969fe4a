import type { DataSource } from 'typeorm';

/** What one admitted job used, counted once. */
export interface UsageRecord {
  jobId: string;
  requestId: string;
  tenantId: string;
  keyId: string;
  model: string;
  deploymentId: string;
  promptTokens: number;
  cachedTokens: number;
  completionTokens: number;
  reasoningTokens: number;
  queueMs: number;
  /** Left out when no token was generated. */
  firstTokenMs?: number;
  totalMs: number;
  attempts: number;
  outcome: 'completed' | 'cancelled' | 'failed' | 'expired';
  finishedAtMs: number;
}

/** Usage rows, at most one per job however often it is recorded. */
export class UsageStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Records in one statement; rows of jobs that are already recorded are left as they are. */
  async record(rows: readonly UsageRecord[]): Promise<void> {
    if (rows.length === 0) return;
    await this.dataSource.query(
      `INSERT INTO usage_records (
         job_id, request_id, tenant_id, key_id, model, deployment_id, prompt_tokens, cached_tokens,
         completion_tokens, reasoning_tokens, queue_ms, first_token_ms, total_ms, attempts, outcome, finished_at)
       SELECT "jobId", "requestId", "tenantId", "keyId", model, "deploymentId", "promptTokens", "cachedTokens",
         "completionTokens", "reasoningTokens", round("queueMs"), round("firstTokenMs"), round("totalMs"), attempts,
         outcome, to_timestamp("finishedAtMs" / 1000.0)
       FROM jsonb_to_recordset($1::jsonb) AS row (
         "jobId" text, "requestId" text, "tenantId" text, "keyId" text, model text, "deploymentId" text,
         "promptTokens" integer, "cachedTokens" integer, "completionTokens" integer, "reasoningTokens" integer,
         "queueMs" float8, "firstTokenMs" float8, "totalMs" float8, attempts integer, outcome text,
         "finishedAtMs" float8)
       ON CONFLICT (job_id) DO NOTHING`,
      [JSON.stringify(rows)],
    );
  }
}
