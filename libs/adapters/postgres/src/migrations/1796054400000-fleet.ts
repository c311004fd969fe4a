import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the planner decides by, what people administer of the fleet, and the events that they watch. */
export class Fleet1796054400000 implements MigrationInterface {
  readonly name = 'Fleet1796054400000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [...wishes, ...placements, ...footprints, ...runners, ...watching]) {
      await queryRunner.query(statement);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const statement of undo) await queryRunner.query(statement);
  }
}

const wishes = [
  `ALTER TABLE deployments
    ADD COLUMN keep_alive_seconds integer,
    ADD COLUMN pinned boolean NOT NULL DEFAULT false,
    ADD COLUMN priority integer NOT NULL DEFAULT 0,
    ADD COLUMN placement jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN observed_generation bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT deployments_keep_alive_check CHECK (keep_alive_seconds > 0)`,
  // A model that is deployed stays.
  `ALTER TABLE deployments
    DROP CONSTRAINT deployments_model_id_fkey,
    ADD CONSTRAINT deployments_model_id_fkey FOREIGN KEY (model_id) REFERENCES models (id)`,
];

const placements = [
  `ALTER TABLE assignments
    ADD COLUMN peers jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN drain_reason text,
    ADD COLUMN draining_since timestamptz,
    ADD CONSTRAINT assignments_drain_check CHECK ((drain_reason IS NULL) = (draining_since IS NULL))`,
  `ALTER TABLE device_reservations
    ADD COLUMN releasing_since timestamptz,
    ADD COLUMN releasing_for text`,
  `ALTER TABLE replicas
    ADD COLUMN ready_since timestamptz,
    ADD COLUMN in_flight integer NOT NULL DEFAULT 0,
    ADD COLUMN last_used_at timestamptz,
    ADD COLUMN load_ms bigint`,
];

const footprints = [
  `ALTER TABLE footprints
    ADD COLUMN device_count integer NOT NULL DEFAULT 1,
    ADD COLUMN offloaded boolean NOT NULL DEFAULT false,
    ADD COLUMN peers jsonb,
    ADD COLUMN host jsonb,
    ADD COLUMN load_ms bigint,
    ADD COLUMN engine_version text NOT NULL DEFAULT '',
    DROP CONSTRAINT footprints_pkey,
    ADD PRIMARY KEY (artifact, engine, settings, device_type, device_count, offloaded),
    DROP CONSTRAINT footprints_basis_check,
    ADD CONSTRAINT footprints_basis_check
      CHECK (basis IN ('measured', 'learned', 'engine_dry_run', 'formula', 'claimed'))`,
];

const runners = [
  `ALTER TABLE runners
    ADD COLUMN previous_credential_hash text CONSTRAINT runners_previous_credential_hash_key UNIQUE,
    ADD COLUMN previous_credential_expires_at timestamptz,
    ADD COLUMN operator_labels jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN version integer NOT NULL DEFAULT 1`,
  `ALTER TABLE join_tokens
    ADD COLUMN name text NOT NULL DEFAULT '',
    ADD COLUMN version integer NOT NULL DEFAULT 1`,
];

const watching = [
  `CREATE TABLE scheduler_switch (
    id smallint PRIMARY KEY CONSTRAINT scheduler_switch_single_check CHECK (id = 1),
    paused boolean NOT NULL DEFAULT false
  )`,
  `INSERT INTO scheduler_switch (id) VALUES (1)`,
  `CREATE TABLE events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    type text NOT NULL,
    resource_id text NOT NULL,
    data jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE INDEX events_resource_id_idx ON events (resource_id, id)`,
];

const undo = [
  `DROP TABLE events`,
  `DROP TABLE scheduler_switch`,
  `ALTER TABLE join_tokens DROP COLUMN version, DROP COLUMN name`,
  `ALTER TABLE runners
    DROP COLUMN version,
    DROP COLUMN operator_labels,
    DROP COLUMN previous_credential_expires_at,
    DROP COLUMN previous_credential_hash`,
  `DELETE FROM footprints
    WHERE device_count > 1 OR offloaded OR basis IN ('learned', 'formula', 'claimed')`,
  `ALTER TABLE footprints
    DROP CONSTRAINT footprints_basis_check,
    ADD CONSTRAINT footprints_basis_check CHECK (basis IN ('engine_dry_run', 'measured')),
    DROP CONSTRAINT footprints_pkey,
    ADD PRIMARY KEY (artifact, engine, settings, device_type),
    DROP COLUMN engine_version,
    DROP COLUMN load_ms,
    DROP COLUMN host,
    DROP COLUMN peers,
    DROP COLUMN offloaded,
    DROP COLUMN device_count`,
  `ALTER TABLE replicas DROP COLUMN load_ms, DROP COLUMN last_used_at, DROP COLUMN in_flight, DROP COLUMN ready_since`,
  `ALTER TABLE device_reservations DROP COLUMN releasing_for, DROP COLUMN releasing_since`,
  `ALTER TABLE assignments DROP COLUMN draining_since, DROP COLUMN drain_reason, DROP COLUMN peers`,
  `ALTER TABLE deployments
    DROP CONSTRAINT deployments_model_id_fkey,
    ADD CONSTRAINT deployments_model_id_fkey FOREIGN KEY (model_id) REFERENCES models (id) ON DELETE CASCADE`,
  `ALTER TABLE deployments
    DROP COLUMN observed_generation,
    DROP COLUMN placement,
    DROP COLUMN priority,
    DROP COLUMN pinned,
    DROP COLUMN keep_alive_seconds`,
];
