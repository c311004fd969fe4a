import type { MigrationInterface, QueryRunner } from 'typeorm';

const LIMITS = `
  ADD COLUMN requests_per_minute integer,
  ADD COLUMN tokens_per_minute bigint,
  ADD COLUMN max_concurrent integer,
  ADD COLUMN tokens_per_month bigint`;

const NO_LIMITS = `
  DROP COLUMN requests_per_minute,
  DROP COLUMN tokens_per_minute,
  DROP COLUMN max_concurrent,
  DROP COLUMN tokens_per_month`;

const leastLimit = 'least(requests_per_minute, tokens_per_minute, max_concurrent, tokens_per_month)';

/** Limits, key rotation, agents, the audit log, roll-ups of usage and answers that are repeated by Idempotency-Key. */
export class Tenancy1795968000000 implements MigrationInterface {
  readonly name = 'Tenancy1795968000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [...tenancy, ...agents, ...audit, ...usage, ...idempotency]) {
      await queryRunner.query(statement);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const statement of undo) await queryRunner.query(statement);
  }
}

const agents = [
  `CREATE TABLE agents (
    id text PRIMARY KEY,
    tenant_id text NOT NULL CONSTRAINT agents_tenant_id_fkey REFERENCES tenants (id) ON DELETE CASCADE,
    name text NOT NULL,
    description text NOT NULL DEFAULT '',
    model text NOT NULL,
    system_prompt text NOT NULL DEFAULT '',
    sampling jsonb NOT NULL DEFAULT '{}',
    locks text[] NOT NULL DEFAULT '{}',
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT agents_tenant_name_key UNIQUE (tenant_id, name)
  )`,
  `ALTER TABLE api_keys
    ADD COLUMN agent_id text CONSTRAINT api_keys_agent_id_fkey REFERENCES agents (id) ON DELETE CASCADE,
    ADD CONSTRAINT api_keys_agent_check CHECK ((kind = 'agent') = (agent_id IS NOT NULL))`,
  `CREATE INDEX api_keys_agent_id_idx ON api_keys (agent_id)`,
];

const tenancy = [
  `ALTER TABLE tenants ${LIMITS},
    ADD COLUMN weight double precision NOT NULL DEFAULT 1,
    ADD COLUMN allowed_models text[],
    ADD COLUMN version integer NOT NULL DEFAULT 1,
    ADD CONSTRAINT tenants_weight_check CHECK (weight > 0),
    ADD CONSTRAINT tenants_limits_check CHECK (${leastLimit} >= 0)`,
  `ALTER TABLE api_keys ${LIMITS},
    ADD COLUMN previous_secret_hash text CONSTRAINT api_keys_previous_secret_hash_key UNIQUE,
    ADD COLUMN previous_secret_expires_at timestamptz,
    ADD COLUMN last_used_at timestamptz,
    ADD COLUMN version integer NOT NULL DEFAULT 1,
    ADD CONSTRAINT api_keys_limits_check CHECK (${leastLimit} >= 0)`,
];

/** What is written stays: even the owner of the table changes and removes no entry. */
const audit = [
  `CREATE TABLE audit_log (
    id text PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    tenant_id text,
    actor_key_id text,
    actor_kind text NOT NULL,
    address text,
    request_id text,
    action text NOT NULL,
    resource_kind text NOT NULL,
    resource_id text NOT NULL,
    before jsonb,
    after jsonb
  )`,
  `CREATE INDEX audit_log_tenant_id_idx ON audit_log (tenant_id, id)`,
  `CREATE INDEX audit_log_resource_id_idx ON audit_log (resource_id, id)`,
  `CREATE FUNCTION refuse_audit_log_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'audit_log is append-only'; END $$`,
  `CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_log_change()`,
];

/** The rows of the choices of one call become the one row of its request, and the roll-ups begin with what is there. */
const usage = [
  `UPDATE usage_records kept
    SET prompt_tokens = request.prompt_tokens, cached_tokens = request.cached_tokens,
      completion_tokens = request.completion_tokens, reasoning_tokens = request.reasoning_tokens,
      queue_ms = request.queue_ms, first_token_ms = request.first_token_ms, total_ms = request.total_ms,
      attempts = request.attempts, outcome = request.outcome, finished_at = request.finished_at
    FROM (
      SELECT min(job_id) AS job_id, sum(prompt_tokens) AS prompt_tokens, sum(cached_tokens) AS cached_tokens,
        sum(completion_tokens) AS completion_tokens, sum(reasoning_tokens) AS reasoning_tokens,
        min(queue_ms) AS queue_ms, min(first_token_ms) AS first_token_ms, max(total_ms) AS total_ms,
        max(attempts) AS attempts, max(finished_at) AS finished_at,
        CASE WHEN bool_or(outcome = 'failed') THEN 'failed'
          WHEN min(outcome) = max(outcome) THEN min(outcome) ELSE 'cancelled' END AS outcome
      FROM usage_records GROUP BY request_id HAVING count(*) > 1
    ) request
    WHERE kept.job_id = request.job_id`,
  `DELETE FROM usage_records extra USING usage_records kept
    WHERE extra.request_id = kept.request_id AND extra.job_id > kept.job_id`,
  `ALTER TABLE usage_records
    ADD COLUMN agent_id text,
    DROP CONSTRAINT usage_records_pkey,
    ADD CONSTRAINT usage_records_pkey PRIMARY KEY (request_id)`,
  `CREATE TABLE usage_rollups (
    granularity text NOT NULL CONSTRAINT usage_rollups_granularity_check CHECK (granularity IN ('hour', 'day')),
    start_at timestamptz NOT NULL,
    tenant_id text NOT NULL,
    key_id text NOT NULL,
    agent_id text NOT NULL DEFAULT '',
    model text NOT NULL,
    deployment_id text NOT NULL,
    requests bigint NOT NULL,
    prompt_tokens bigint NOT NULL,
    cached_tokens bigint NOT NULL,
    completion_tokens bigint NOT NULL,
    reasoning_tokens bigint NOT NULL,
    PRIMARY KEY (granularity, start_at, tenant_id, key_id, agent_id, model, deployment_id)
  )`,
  `CREATE INDEX usage_rollups_tenant_start_idx ON usage_rollups (tenant_id, granularity, start_at)`,
  ...(['hour', 'day'] as const).map(
    (granularity) => `INSERT INTO usage_rollups
    SELECT '${granularity}', date_trunc('${granularity}', finished_at, 'UTC'), tenant_id, key_id, '', model, deployment_id,
      count(*), sum(prompt_tokens), sum(cached_tokens), sum(completion_tokens), sum(reasoning_tokens)
    FROM usage_records GROUP BY 2, 3, 4, 6, 7`,
  ),
];

const idempotency = [
  `CREATE TABLE idempotent_answers (
    key_id text NOT NULL CONSTRAINT idempotent_answers_key_id_fkey REFERENCES api_keys (id) ON DELETE CASCADE,
    idempotency_key text NOT NULL,
    request_hash text NOT NULL,
    request_id text NOT NULL,
    status integer,
    answer bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (key_id, idempotency_key)
  )`,
  `CREATE INDEX idempotent_answers_created_at_idx ON idempotent_answers (created_at)`,
];

const undo = [
  `DROP TABLE idempotent_answers, usage_rollups, audit_log`,
  `DROP FUNCTION refuse_audit_log_change`,
  `DELETE FROM api_keys WHERE kind = 'agent'`,
  `ALTER TABLE usage_records
    DROP COLUMN agent_id,
    DROP CONSTRAINT usage_records_pkey,
    ADD CONSTRAINT usage_records_pkey PRIMARY KEY (job_id)`,
  `ALTER TABLE api_keys ${NO_LIMITS},
    DROP COLUMN agent_id,
    DROP COLUMN previous_secret_hash,
    DROP COLUMN previous_secret_expires_at,
    DROP COLUMN last_used_at,
    DROP COLUMN version`,
  `DROP TABLE agents`,
  `ALTER TABLE tenants ${NO_LIMITS}, DROP COLUMN weight, DROP COLUMN allowed_models, DROP COLUMN version`,
];
