import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import type { PlacementConstraints } from '@millrace/domain/placement';
import { bigintColumn, createdAtColumn } from './columns.js';
import { ModelEntity } from './model.js';

/** The wish: serve this model with so many replicas and these limits. */
@Entity('deployments')
@Unique('deployments_model_id_key', ['modelId'])
@Index('deployments_starter_key', ['starter'], { unique: true, where: 'starter' })
@Check(
  'deployments_deadlines_check',
  'least(start_deadline_ms, first_token_deadline_ms, inter_token_deadline_ms, total_deadline_ms) > 0',
)
@Check('deployments_keep_alive_check', 'keep_alive_seconds > 0')
@Check('deployments_replicas_check', '0 <= min_replicas AND min_replicas <= max_replicas')
export class DeploymentEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @Column({ type: 'text' })
  @ForeignKey(() => ModelEntity, { name: 'deployments_model_id_fkey' })
  modelId!: string;

  /** Made by `npm start` for its model; there is one at most. */
  @Column({ type: 'boolean', default: false })
  starter!: boolean;

  @Column({ type: 'integer', default: 1 })
  minReplicas!: number;

  @Column({ type: 'integer', default: 1 })
  maxReplicas!: number;

  /** One replica on each runner that can hold it, within these bounds. */
  @Column({ type: 'boolean', default: false })
  perRunner!: boolean;

  /** Null is the engine's choice. */
  @Column({ type: 'integer', nullable: true })
  contextLength!: number | null;

  /** Null is the engine's choice. */
  @Column({ type: 'integer', nullable: true })
  slots!: number | null;

  @Column({ type: 'boolean', default: false })
  paused!: boolean;

  /** A replica that nobody needs stops after so long without work; never when null. */
  @Column({ type: 'integer', nullable: true })
  keepAliveSeconds!: number | null;

  /** Its replicas are never evicted. */
  @Column({ type: 'boolean', default: false })
  pinned!: boolean;

  /** The rank for memory, higher goes first. */
  @Column({ type: 'integer', default: 0 })
  priority!: number;

  /** Where its replicas may stand. */
  @Column({ type: 'jsonb', default: {} })
  placement!: PlacementConstraints;

  /** Null is the installation's setting; so are the other deadlines. */
  @Column({ type: 'integer', nullable: true })
  startDeadlineMs!: number | null;

  @Column({ type: 'integer', nullable: true })
  firstTokenDeadlineMs!: number | null;

  @Column({ type: 'integer', nullable: true })
  interTokenDeadlineMs!: number | null;

  @Column({ type: 'integer', nullable: true })
  totalDeadlineMs!: number | null;

  /** Rises with every change of the wish. */
  @Column({ ...bigintColumn, default: 1 })
  generation!: number;

  /** The newest generation that a scheduler has planned by. */
  @Column({ ...bigintColumn, default: 0 })
  observedGeneration!: number;

  /** Rises with every write; the resource's ETag. */
  @Column({ type: 'integer', default: 1 })
  version!: number;

  @Column(createdAtColumn)
  createdAt!: Date;
}
