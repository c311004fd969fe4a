import type { PlacementConstraints } from '@millrace/domain/placement';
import { newId } from '@millrace/platform/ids';
import type { DataSource } from 'typeorm';
import type { Actor } from './audit-log.js';
import { AuditedTable, type AlterRow, type WriteBy, type WriteOutcome } from './audited-table.js';
import { definedOf } from './defined-of.js';
import { DeploymentEntity } from './entities/deployment.js';
import { newestFirst, type Page, type PageWish } from './newest-first.js';

/** What a deployment wishes. */
export interface DeploymentWish {
  minReplicas: number;
  maxReplicas: number;
  /** One replica on each runner that can hold it, within these bounds. */
  perRunner: boolean;
  /** Null is the engine's choice. */
  contextLength: number | null;
  /** Null is the engine's choice. */
  slots: number | null;
  /** Null is never. */
  keepAliveSeconds: number | null;
  pinned: boolean;
  priority: number;
  placement: PlacementConstraints;
}

/** A deployment as it is administered; what has become of it, DeploymentObserver tells. */
export interface Deployment extends DeploymentWish {
  id: string;
  modelId: string;
  paused: boolean;
  /** Rises with every change of the wish or of its model. */
  generation: number;
  version: number;
  createdAt: Date;
}

/** The deployments, as operators administer them. */
export class DeploymentStore {
  private readonly deployments: AuditedTable<DeploymentEntity, Deployment>;

  constructor(private readonly dataSource: DataSource) {
    this.deployments = new AuditedTable<DeploymentEntity, Deployment>(dataSource, {
      entity: DeploymentEntity,
      resourceKind: 'deployment',
      toResource,
      tenantOf: () => null,
      conflicts: {
        deployments_model_id_key: 'The model has a deployment already: change that one, or delete it first.',
        deployments_model_id_fkey: 'The model was deleted meanwhile.',
      },
    });
  }

  async create(modelId: string, wish: DeploymentWish, actor: Actor): Promise<WriteOutcome<Deployment>> {
    return this.deployments.create({ id: newId('dep'), modelId, ...wish }, actor);
  }

  async list(filters: { modelId?: string | undefined }, wish: PageWish): Promise<Page<Deployment>> {
    const { entries, hasMore } = await newestFirst(this.rows(), definedOf(filters), wish);
    return { entries: entries.map(toResource), hasMore };
  }

  async get(deploymentId: string): Promise<Deployment | undefined> {
    const row = await this.rows().findOneBy({ id: deploymentId });
    return row === null ? undefined : toResource(row);
  }

  /** Changes the wish to what `alter` makes of it; what that throws leaves everything as it is. */
  async change(
    deploymentId: string,
    by: WriteBy,
    alter: (wish: DeploymentWish) => DeploymentWish,
  ): Promise<WriteOutcome<Deployment>> {
    return this.alter(deploymentId, by, (row) => {
      Object.assign(row, alter(wishOf(row)));
    });
  }

  /** A paused deployment keeps no replica. */
  async setPaused(deploymentId: string, paused: boolean, by: WriteBy): Promise<WriteOutcome<Deployment>> {
    return this.alter(deploymentId, by, (row) => {
      row.paused = paused;
    });
  }

  /** Its replicas finish what they serve; its model stays. */
  async delete(deploymentId: string, by: WriteBy): Promise<WriteOutcome<Deployment>> {
    return this.deployments.remove({ id: deploymentId }, by);
  }

  private async alter(
    id: string,
    by: WriteBy,
    alter: (row: DeploymentEntity) => void,
  ): Promise<WriteOutcome<Deployment>> {
    return this.deployments.change({ id }, by, newGeneration(alter));
  }

  private rows() {
    return this.dataSource.getRepository(DeploymentEntity);
  }
}

/** A change that changes something is another generation of the wish. */
function newGeneration(alter: (row: DeploymentEntity) => void): AlterRow<DeploymentEntity> {
  return (row) => {
    const before = JSON.stringify(row);
    alter(row);
    if (JSON.stringify(row) !== before) row.generation += 1;
    return undefined;
  };
}

function wishOf(row: DeploymentEntity): DeploymentWish {
  const { minReplicas, maxReplicas, perRunner, contextLength, slots, keepAliveSeconds } = row;
  const { pinned, priority, placement } = row;
  return {
    ...{ minReplicas, maxReplicas, perRunner, contextLength, slots, keepAliveSeconds },
    ...{ pinned, priority, placement },
  };
}

function toResource(row: DeploymentEntity): Deployment {
  const { id, modelId, paused, generation, version, createdAt } = row;
  return { id, modelId, ...wishOf(row), paused, generation, version, createdAt };
}
