import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the planner decides by, what people administer of the fleet, and the events that they watch. */
export class Fleet1796054400000 implements MigrationInterface {
  readonly name = 'Fleet1796054400000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [...wishes, ...placements, ...footprints, ...runners, ...watching, ...telling]) {
      await queryRunner.query(statement);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [...silence, ...undo]) await queryRunner.query(statement);
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
    xid bigint NOT NULL,
    type text NOT NULL,
    resource_id text NOT NULL,
    data jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE INDEX events_position_idx ON events (xid, id)`,
];

/** A change and its event are one transaction; readers are woken when it commits. */
const telling = [
  `CREATE FUNCTION tell_event(type text, resource_id text, data jsonb) RETURNS void LANGUAGE sql AS $$
    INSERT INTO events (xid, type, resource_id, data)
      VALUES (pg_current_xact_id()::text::bigint, type, resource_id, jsonb_strip_nulls(data));
    SELECT pg_notify('millrace_events', '');
  $$`,
  ...tellOf(
    'audit_log',
    'AFTER INSERT ON audit_log',
    `PERFORM tell_event(NEW.resource_kind || '.' || CASE
        WHEN NEW.before->>'adminState' <> NEW.after->>'adminState' THEN
          CASE NEW.after->>'adminState' WHEN 'active' THEN 'uncordoned' ELSE NEW.after->>'adminState' END
        WHEN NEW.before->>'paused' <> NEW.after->>'paused' THEN
          CASE NEW.after->>'paused' WHEN 'true' THEN 'paused' ELSE 'resumed' END
        ELSE rtrim(NEW.action, 'e') || 'ed' END,
      NEW.resource_id,
      jsonb_build_object('tenantId', NEW.tenant_id, 'actorKeyId', NEW.actor_key_id, 'version', NEW.after->'version'));`,
  ),
  ...tellOf(
    'runner_joined',
    'AFTER INSERT ON runners',
    `PERFORM tell_event('runner.joined', NEW.id, jsonb_build_object('name', NEW.name));`,
  ),
  ...tellOf(
    'runner_started',
    'AFTER UPDATE OF boot_id ON runners FOR EACH ROW WHEN (OLD.boot_id IS DISTINCT FROM NEW.boot_id)',
    `PERFORM tell_event('runner.started', NEW.id, jsonb_build_object('name', NEW.name));`,
  ),
  ...tellOf(
    'replica_reported',
    'AFTER INSERT ON replicas',
    `PERFORM tell_event('replica.' || NEW.state, NEW.replica_id,
      jsonb_build_object('runnerId', NEW.runner_id, 'deploymentId', NEW.deployment_id));`,
  ),
  ...tellOf(
    'replica_changed',
    'AFTER UPDATE OF state ON replicas FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)',
    `PERFORM tell_event('replica.' || NEW.state, NEW.replica_id,
      jsonb_build_object('runnerId', NEW.runner_id, 'deploymentId', NEW.deployment_id));`,
  ),
  ...tellOf(
    'replica_gone',
    'AFTER DELETE ON replicas',
    `PERFORM tell_event('replica.gone', OLD.replica_id,
      jsonb_build_object('runnerId', OLD.runner_id, 'deploymentId', OLD.deployment_id));`,
  ),
  ...tellOf(
    'replica_assigned',
    'AFTER INSERT ON assignments',
    `PERFORM tell_event('replica.assigned', NEW.replica_id,
      jsonb_build_object('runnerId', NEW.runner_id, 'deploymentId', NEW.deployment_id, 'deviceKey', NEW.device_key));`,
  ),
  ...tellOf(
    'replica_drains',
    `AFTER UPDATE OF drain_reason ON assignments FOR EACH ROW
      WHEN (OLD.drain_reason IS DISTINCT FROM NEW.drain_reason)`,
    `PERFORM tell_event('replica.drain_decided', NEW.replica_id, jsonb_build_object(
      'runnerId', NEW.runner_id, 'deploymentId', NEW.deployment_id, 'reason', NEW.drain_reason));`,
  ),
  ...tellOf(
    'replica_unassigned',
    'AFTER DELETE ON assignments',
    `PERFORM tell_event('replica.unassigned', OLD.replica_id,
      jsonb_build_object('runnerId', OLD.runner_id, 'deploymentId', OLD.deployment_id));`,
  ),
  ...tellOf(
    'device_added',
    'AFTER INSERT ON devices',
    `PERFORM tell_event('device.added', NEW.runner_id || '/' || NEW.device_key,
      jsonb_build_object('totalBytes', NEW.total_bytes));`,
  ),
  ...tellOf(
    'device_removed',
    'AFTER DELETE ON devices',
    `PERFORM tell_event('device.removed', OLD.runner_id || '/' || OLD.device_key, '{}');`,
  ),
  ...tellOf(
    'device_reserved',
    'AFTER INSERT ON device_reservations',
    `PERFORM tell_event('device.reserved', NEW.runner_id || '/' || NEW.device_key,
      jsonb_build_object('replicaId', NEW.replica_id, 'bytes', NEW.bytes));`,
  ),
  ...tellOf(
    'device_measured',
    `AFTER UPDATE OF bytes ON device_reservations FOR EACH ROW WHEN (OLD.bytes IS DISTINCT FROM NEW.bytes)`,
    `PERFORM tell_event('device.measured', NEW.runner_id || '/' || NEW.device_key,
      jsonb_build_object('replicaId', NEW.replica_id, 'bytes', NEW.bytes));`,
  ),
  ...tellOf(
    'device_released',
    'AFTER DELETE ON device_reservations',
    `PERFORM tell_event('device.released', OLD.runner_id || '/' || OLD.device_key,
      jsonb_build_object('replicaId', OLD.replica_id, 'bytes', OLD.bytes));`,
  ),
  ...tellOf(
    'scheduler_elected',
    'AFTER UPDATE OF epoch ON scheduler_lease FOR EACH ROW WHEN (OLD.epoch <> NEW.epoch)',
    `PERFORM tell_event('scheduler.elected', 'scheduler', jsonb_build_object('epoch', NEW.epoch));`,
  ),
];

/** A trigger that tells one kind of event. */
function tellOf(name: string, when: string, body: string): string[] {
  const forEachRow = when.includes('FOR EACH ROW') ? '' : 'FOR EACH ROW';
  return [
    `CREATE FUNCTION tell_${name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} RETURN NULL; END $$`,
    `CREATE TRIGGER tell_${name} ${when} ${forEachRow} EXECUTE FUNCTION tell_${name}()`,
  ];
}

const silence = telling
  .map((statement) => /^CREATE FUNCTION (\w+)/.exec(statement)?.[1])
  .filter((name) => name !== undefined)
  .map((name) => `DROP FUNCTION ${name} CASCADE`);

const undo = [
  `DROP TABLE events`,
  `DROP TABLE scheduler_switch`,
  `ALTER TABLE join_tokens DROP COLUMN version, DROP COLUMN name`,
  `ALTER TABLE runners
    DROP COLUMN version,
    DROP COLUMN operator_labels`,
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
