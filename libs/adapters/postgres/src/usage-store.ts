import type { UsageOfChoice } from '@millrace/domain/metering';
import type { DataSource } from 'typeorm';

/** What one admitted request used, counted once. */
export interface UsageRecord extends UsageOfChoice {
  requestId: string;
  /** The id of the answer, which is that of the job of its first choice. */
  jobId: string;
  tenantId: string;
  keyId: string;
  /** Left out for usage without an agent. */
  agentId?: string;
  model: string;
  deploymentId: string;
  finishedAtMs: number;
}

/** Usage rows, at most one per request however often it is recorded, and their sums by hour and by day. */
export class UsageStore {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Records rows and adds them to the roll-ups in one statement, so that one is never there without the other; rows of
   * requests that are already recorded are left as they are and added to nothing. Rows and roll-ups are written in the
   * order of their keys, all rows first: processes that write the same ones wait for each other and never in a circle.
   */
  async record(rows: readonly UsageRecord[]): Promise<void> {
    if (rows.length === 0) return;
    await this.dataSource.query(RECORD, [JSON.stringify(rows)]);
  }
}

const RECORD = `
  WITH inserted AS (
    INSERT INTO usage_records (
      request_id, job_id, tenant_id, key_id, agent_id, model, deployment_id, prompt_tokens, cached_tokens,
      completion_tokens, reasoning_tokens, queue_ms, first_token_ms, total_ms, attempts, outcome, finished_at)
    SELECT "requestId", "jobId", "tenantId", "keyId", "agentId", model, "deploymentId", "promptTokens", "cachedTokens",
      "completionTokens", "reasoningTokens", round("queueMs"), round("firstTokenMs"), round("totalMs"), attempts,
      outcome, to_timestamp("finishedAtMs" / 1000.0)
    FROM jsonb_to_recordset($1::jsonb) AS row (
      "requestId" text, "jobId" text, "tenantId" text, "keyId" text, "agentId" text, model text, "deploymentId" text,
      "promptTokens" integer, "cachedTokens" integer, "completionTokens" integer, "reasoningTokens" integer,
      "queueMs" float8, "firstTokenMs" float8, "totalMs" float8, attempts integer, outcome text,
      "finishedAtMs" float8)
    ORDER BY "requestId"
    ON CONFLICT (request_id) DO NOTHING
    RETURNING *
  )
  INSERT INTO usage_rollups AS rollup (
    granularity, start_at, tenant_id, key_id, agent_id, model, deployment_id,
    requests, prompt_tokens, cached_tokens, completion_tokens, reasoning_tokens)
  SELECT granularity, date_trunc(granularity, finished_at, 'UTC'), tenant_id, key_id, coalesce(agent_id, ''), model,
    deployment_id, count(*), sum(prompt_tokens), sum(cached_tokens), sum(completion_tokens), sum(reasoning_tokens)
  FROM inserted CROSS JOIN (VALUES ('hour'), ('day')) AS sizes (granularity)
  GROUP BY 1, 2, 3, 4, 5, 6, 7
  ORDER BY 1, 2, 3, 4, 5, 6, 7
  ON CONFLICT (granularity, start_at, tenant_id, key_id, agent_id, model, deployment_id) DO UPDATE SET
    requests = rollup.requests + excluded.requests,
    prompt_tokens = rollup.prompt_tokens + excluded.prompt_tokens,
    cached_tokens = rollup.cached_tokens + excluded.cached_tokens,
    completion_tokens = rollup.completion_tokens + excluded.completion_tokens,
    reasoning_tokens = rollup.reasoning_tokens + excluded.reasoning_tokens`;
