import type { Deadlines } from '@millrace/domain/claim';
import { newId } from '@millrace/platform/ids';
import type { DataSource, EntityManager } from 'typeorm';

/** A model that callers can name, and the deployment that serves it. */
export interface ServedModel {
  modelId: string;
  name: string;
  createdAtMs: number;
  deploymentId: string;
  paused: boolean;
  /** Whether a replica can serve at this moment. */
  loaded: boolean;
  /** As wished, or as the running replicas have it; left out while neither is known. */
  contextLength?: number;
  /** What the deployment allows instead of the installation; left out where it says nothing. */
  deadlines?: Partial<Deadlines>;
}

export interface StarterDeployment {
  name: string;
  artifact: string;
  engine: string;
  engineOptions: Readonly<Record<string, unknown>>;
}

interface ServedModelRow {
  id: string;
  name: string;
  created_at: Date;
  deployment_id: string;
  paused: boolean;
  loaded: boolean;
  context_length: number | null;
  start_deadline_ms: number | null;
  first_token_deadline_ms: number | null;
  inter_token_deadline_ms: number | null;
  total_deadline_ms: number | null;
}

/** More runners than one installation has. */
const STARTER_MOST_REPLICAS = 1_000;

/** Models and their deployments: one catalogue for all tenants. */
export class CatalogueStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Every model with a deployment, by name. */
  async listServedModels(): Promise<ServedModel[]> {
    const rows = await this.dataSource.query<ServedModelRow[]>(
      `SELECT m.id, m.name, m.created_at, d.id AS deployment_id, d.paused, d.start_deadline_ms,
              d.first_token_deadline_ms, d.inter_token_deadline_ms, d.total_deadline_ms,
              EXISTS (SELECT FROM replicas r WHERE r.deployment_id = d.id AND r.state = 'ready') AS loaded,
              coalesce(d.context_length, (
                SELECT min(r.context_length) FROM replicas r
                WHERE r.deployment_id = d.id AND r.state = 'ready' AND r.context_length > 0
              )) AS context_length
       FROM models m JOIN deployments d ON d.model_id = m.id
       ORDER BY m.name`,
    );
    return rows.map(toServedModel);
  }

  /**
   * Makes or updates the one starter deployment (one replica on each runner, unless operators have changed that) and
   * its model;
   * a former starter with another model name is removed with its model.
   * Earlier failures of its artifact are forgotten: whoever starts again has mended the file or wants a fresh answer.
   */
  async ensureStarterDeployment(starter: StarterDeployment): Promise<{ modelId: string; deploymentId: string }> {
    return this.dataSource.transaction(async (transaction) => {
      await transaction.query('LOCK TABLE deployments IN SHARE ROW EXCLUSIVE MODE');
      await removeFormerStarter(transaction, starter.name);
      const { modelId, changed } = await upsertModel(transaction, starter);
      const deploymentId = await upsertStarter(transaction, modelId, changed);
      await transaction.query('DELETE FROM footprints WHERE artifact = $1 AND failure IS NOT NULL', [starter.artifact]);
      await transaction.query('DELETE FROM load_failures WHERE deployment_id = $1', [deploymentId]);
      return { modelId, deploymentId };
    });
  }
}

function toServedModel(row: ServedModelRow): ServedModel {
  return {
    modelId: row.id,
    name: row.name,
    createdAtMs: row.created_at.getTime(),
    deploymentId: row.deployment_id,
    paused: row.paused,
    loaded: row.loaded,
    ...(row.context_length !== null && { contextLength: row.context_length }),
    deadlines: {
      ...(row.start_deadline_ms !== null && { startDeadlineMs: row.start_deadline_ms }),
      ...(row.first_token_deadline_ms !== null && { firstTokenDeadlineMs: row.first_token_deadline_ms }),
      ...(row.inter_token_deadline_ms !== null && { interTokenDeadlineMs: row.inter_token_deadline_ms }),
      ...(row.total_deadline_ms !== null && { totalDeadlineMs: row.total_deadline_ms }),
    },
  };
}

async function removeFormerStarter(transaction: EntityManager, name: string): Promise<void> {
  const [removed] = await transaction.query<[{ model_id: string }[], number]>(
    `DELETE FROM deployments d USING models m WHERE d.model_id = m.id AND d.starter AND m.name <> $1
     RETURNING d.model_id`,
    [name],
  );
  await transaction.query('DELETE FROM models WHERE id = ANY($1)', [removed.map(({ model_id }) => model_id)]);
}

async function upsertModel(
  transaction: EntityManager,
  starter: StarterDeployment,
): Promise<{ modelId: string; changed: boolean }> {
  const values = [starter.name, starter.artifact, starter.engine, JSON.stringify(starter.engineOptions)];
  const [same] = await transaction.query<{ id: string }[]>(
    'SELECT id FROM models WHERE name = $1 AND artifact = $2 AND engine = $3 AND engine_options = $4::jsonb',
    values,
  );
  if (same !== undefined) return { modelId: same.id, changed: false };
  const [row] = await transaction.query<[{ id: string }]>(
    `INSERT INTO models (name, artifact, engine, engine_options, id) VALUES ($1, $2, $3, $4::jsonb, $5)
     ON CONFLICT (name) DO UPDATE
       SET artifact = excluded.artifact, engine = excluded.engine, engine_options = excluded.engine_options,
           version = models.version + 1
     RETURNING id`,
    [...values, newId('mod')],
  );
  return { modelId: row.id, changed: true };
}

async function upsertStarter(transaction: EntityManager, modelId: string, modelChanged: boolean): Promise<string> {
  const [row] = await transaction.query<[{ id: string }]>(
    `INSERT INTO deployments (id, model_id, starter, min_replicas, max_replicas, per_runner)
     VALUES ($1, $2, true, 1, $4, true)
     ON CONFLICT (model_id) DO UPDATE
       SET starter = true, min_replicas = CASE WHEN deployments.starter THEN deployments.min_replicas ELSE 1 END,
           max_replicas = CASE WHEN deployments.starter THEN deployments.max_replicas ELSE excluded.max_replicas END,
           per_runner = deployments.per_runner OR NOT deployments.starter,
           generation = deployments.generation + $3::int, version = deployments.version + $3::int
     RETURNING id`,
    [newId('dep'), modelId, modelChanged ? 1 : 0, STARTER_MOST_REPLICAS],
  );
  return row.id;
}
