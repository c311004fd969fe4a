import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tenants, the catalogue, the fleet with its ledger and lease, and usage. */
export class Foundation1795430400000 implements MigrationInterface {
  readonly name = 'Foundation1795430400000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [...tenancy, ...catalogue, ...fleet, ...scheduling, ...usage]) {
      await queryRunner.query(statement);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TABLE usage_records, scheduler_decisions, scheduler_lease, load_failures, device_reservations,
        footprints, replicas, assignments, devices, join_tokens, runners, deployments, models, api_keys, tenants`);
  }
}

const tenancy = [
  `CREATE TABLE tenants (
    id text PRIMARY KEY,
    name text NOT NULL CONSTRAINT tenants_name_key UNIQUE,
    disabled boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE TABLE api_keys (
    id text PRIMARY KEY,
    tenant_id text NOT NULL CONSTRAINT api_keys_tenant_id_fkey REFERENCES tenants (id) ON DELETE CASCADE,
    kind text NOT NULL CONSTRAINT api_keys_kind_check CHECK (kind IN ('operator', 'tenant-admin', 'inference', 'agent')),
    name text NOT NULL,
    prefix text NOT NULL,
    secret_hash text NOT NULL CONSTRAINT api_keys_secret_hash_key UNIQUE,
    disabled boolean NOT NULL DEFAULT false,
    expires_at timestamptz,
    allowed_models text[],
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE INDEX api_keys_tenant_id_idx ON api_keys (tenant_id)`,
];

const catalogue = [
  `CREATE TABLE models (
    id text PRIMARY KEY,
    name text NOT NULL CONSTRAINT models_name_key UNIQUE,
    artifact text NOT NULL,
    engine text NOT NULL,
    engine_options jsonb NOT NULL DEFAULT '{}',
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE TABLE deployments (
    id text PRIMARY KEY,
    model_id text NOT NULL
      CONSTRAINT deployments_model_id_key UNIQUE
      CONSTRAINT deployments_model_id_fkey REFERENCES models (id) ON DELETE CASCADE,
    starter boolean NOT NULL DEFAULT false,
    min_replicas integer NOT NULL DEFAULT 1,
    max_replicas integer NOT NULL DEFAULT 1,
    context_length integer,
    slots integer,
    paused boolean NOT NULL DEFAULT false,
    generation bigint NOT NULL DEFAULT 1,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT deployments_replicas_check CHECK (0 <= min_replicas AND min_replicas <= max_replicas)
  )`,
  `CREATE UNIQUE INDEX deployments_starter_key ON deployments (starter) WHERE starter`,
];

const fleet = [
  `CREATE TABLE runners (
    id text PRIMARY KEY,
    name text NOT NULL CONSTRAINT runners_name_key UNIQUE,
    admin_state text NOT NULL DEFAULT 'active'
      CONSTRAINT runners_admin_state_check CHECK (admin_state IN ('active', 'cordoned', 'draining', 'maintenance')),
    labels jsonb NOT NULL DEFAULT '{}',
    credential_hash text NOT NULL CONSTRAINT runners_credential_hash_key UNIQUE,
    engines text[] NOT NULL DEFAULT '{}',
    boot_id text,
    software_version text,
    last_heartbeat_at timestamptz,
    generation bigint NOT NULL DEFAULT 0,
    epoch bigint NOT NULL DEFAULT 0,
    observed_generation bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE TABLE join_tokens (
    id text PRIMARY KEY,
    prefix text NOT NULL,
    secret_hash text NOT NULL CONSTRAINT join_tokens_secret_hash_key UNIQUE,
    expires_at timestamptz,
    revoked boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE TABLE devices (
    runner_id text NOT NULL CONSTRAINT devices_runner_id_fkey REFERENCES runners (id) ON DELETE CASCADE,
    device_key text NOT NULL,
    device_type text NOT NULL,
    total_bytes bigint NOT NULL,
    free_bytes bigint NOT NULL,
    reserve_bytes bigint NOT NULL,
    observed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (runner_id, device_key)
  )`,
  `CREATE TABLE assignments (
    replica_id text PRIMARY KEY,
    runner_id text NOT NULL CONSTRAINT assignments_runner_id_fkey REFERENCES runners (id) ON DELETE CASCADE,
    deployment_id text NOT NULL,
    device_key text NOT NULL,
    spec jsonb NOT NULL,
    settings text NOT NULL,
    generation bigint NOT NULL,
    epoch bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE INDEX assignments_runner_id_idx ON assignments (runner_id)`,
  `CREATE INDEX assignments_deployment_id_idx ON assignments (deployment_id)`,
  `CREATE TABLE replicas (
    replica_id text PRIMARY KEY,
    runner_id text NOT NULL CONSTRAINT replicas_runner_id_fkey REFERENCES runners (id) ON DELETE CASCADE,
    deployment_id text,
    state text NOT NULL
      CONSTRAINT replicas_state_check CHECK (state IN ('loading', 'ready', 'draining', 'stopped', 'failed')),
    measured_bytes bigint NOT NULL DEFAULT 0,
    slots integer NOT NULL DEFAULT 0,
    context_length integer NOT NULL DEFAULT 0,
    message text NOT NULL DEFAULT '',
    progress double precision NOT NULL DEFAULT 0,
    observed_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE INDEX replicas_runner_id_idx ON replicas (runner_id)`,
];

const scheduling = [
  `CREATE TABLE footprints (
    artifact text NOT NULL,
    engine text NOT NULL,
    settings text NOT NULL,
    device_type text NOT NULL,
    basis text NOT NULL DEFAULT 'engine_dry_run'
      CONSTRAINT footprints_basis_check CHECK (basis IN ('engine_dry_run', 'measured')),
    weights_bytes bigint NOT NULL DEFAULT 0,
    kv_bytes bigint NOT NULL DEFAULT 0,
    compute_bytes bigint NOT NULL DEFAULT 0,
    overhead_bytes bigint NOT NULL DEFAULT 0,
    measured_bytes bigint,
    context_length integer NOT NULL DEFAULT 0,
    slots integer NOT NULL DEFAULT 0,
    failure text,
    observed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (artifact, engine, settings, device_type)
  )`,
  `CREATE TABLE device_reservations (
    runner_id text NOT NULL,
    device_key text NOT NULL,
    replica_id text NOT NULL,
    bytes bigint NOT NULL,
    basis text NOT NULL DEFAULT 'predicted'
      CONSTRAINT device_reservations_basis_check CHECK (basis IN ('predicted', 'measured')),
    epoch bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (runner_id, device_key, replica_id),
    CONSTRAINT device_reservations_device_fkey FOREIGN KEY (runner_id, device_key)
      REFERENCES devices (runner_id, device_key) ON DELETE CASCADE
  )`,
  `CREATE TABLE load_failures (
    deployment_id text NOT NULL,
    runner_id text NOT NULL CONSTRAINT load_failures_runner_id_fkey REFERENCES runners (id) ON DELETE CASCADE,
    device_key text NOT NULL,
    settings text NOT NULL,
    failures integer NOT NULL,
    message text NOT NULL,
    failed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (deployment_id, runner_id, device_key)
  )`,
  `CREATE TABLE scheduler_lease (
    id smallint PRIMARY KEY CONSTRAINT scheduler_lease_single_check CHECK (id = 1),
    epoch bigint NOT NULL CONSTRAINT scheduler_lease_epoch_key UNIQUE,
    holder text NOT NULL,
    expires_at timestamptz NOT NULL
  )`,
  `INSERT INTO scheduler_lease (id, epoch, holder, expires_at) VALUES (1, 0, '', '-infinity')`,
  `CREATE TABLE scheduler_decisions (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    decided_at timestamptz NOT NULL DEFAULT now(),
    epoch bigint NOT NULL,
    action text NOT NULL,
    reason text NOT NULL,
    deployment_id text,
    replica_id text,
    numbers jsonb NOT NULL
  )`,
];

const usage = [
  `CREATE TABLE usage_records (
    job_id text PRIMARY KEY,
    request_id text NOT NULL,
    tenant_id text NOT NULL,
    key_id text NOT NULL,
    model text NOT NULL,
    deployment_id text NOT NULL,
    prompt_tokens integer NOT NULL,
    cached_tokens integer NOT NULL,
    completion_tokens integer NOT NULL,
    reasoning_tokens integer NOT NULL,
    queue_ms bigint NOT NULL,
    first_token_ms bigint,
    total_ms bigint NOT NULL,
    attempts integer NOT NULL,
    outcome text NOT NULL
      CONSTRAINT usage_records_outcome_check CHECK (outcome IN ('completed', 'cancelled', 'failed', 'expired')),
    finished_at timestamptz NOT NULL
  )`,
  `CREATE INDEX usage_records_tenant_finished_idx ON usage_records (tenant_id, finished_at)`,
];
