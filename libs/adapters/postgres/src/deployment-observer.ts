import type { DeployedReplica, ObservedDeployment } from '@millrace/domain/models';
import type { DataSource } from 'typeorm';

/** What has become of a deployment, and the name of its model. */
export type DeploymentObservation = Omit<ObservedDeployment, 'wish'> & { modelName: string };

type Row = Omit<DeploymentObservation, 'decision'> & {
  deploymentId: string;
  replicas: DeployedReplica[];
  decision: NonNullable<DeploymentObservation['decision']> | null;
};

/** Reads what schedulers and runners have made of deployments. */
export class DeploymentObserver {
  constructor(private readonly dataSource: DataSource) {}

  /** By id; those that are gone are left out. */
  async observe(deploymentIds: readonly string[]): Promise<Map<string, DeploymentObservation>> {
    const rows = await this.dataSource.query<Row[]>(OBSERVE, [deploymentIds]);
    return new Map(rows.map((row) => [row.deploymentId, toObservation(row)]));
  }
}

function toObservation({ deploymentId: _deploymentId, decision, ...observed }: Row): DeploymentObservation {
  return { ...observed, ...(decision !== null && { decision }) };
}

/** What a lost runner had counts again when it is back. */
const REPLICAS = `
  SELECT coalesce(jsonb_agg(jsonb_build_object(
    'state', coalesce(r.state, 'assigned'), 'isDraining', a.drain_reason IS NOT NULL,
    'progress', coalesce(r.progress, 0), 'message', coalesce(r.message, ''))), '[]')
  FROM assignments a
    JOIN runners home ON home.id = a.runner_id AND home.last_heartbeat_at > clock_timestamp() - interval '30 seconds'
    LEFT JOIN replicas r ON r.replica_id = a.replica_id
  WHERE a.deployment_id = d.id`;

const DECISION = `
  SELECT jsonb_build_object('action', action, 'reason', reason, 'rejected', coalesce(numbers->'rejected', '[]'))
  FROM scheduler_decisions WHERE deployment_id = d.id ORDER BY id DESC LIMIT 1`;

const OBSERVE = `
  SELECT d.id AS "deploymentId", m.name AS "modelName", d.observed_generation::float8 AS "observedGeneration",
    (${REPLICAS}) AS replicas, (${DECISION}) AS decision,
    (SELECT paused FROM scheduler_switch) AS "isSchedulerPaused"
  FROM deployments d JOIN models m ON m.id = d.model_id WHERE d.id = ANY($1)`;
