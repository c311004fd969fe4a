import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { PeerDevice, ReplicaSpec, StopReason } from '@millrace/domain/placement';
import { bigintColumn, createdAtColumn } from './columns.js';
import { RunnerEntity } from './runner.js';

/**
 * A placement written down for a runner. It outlives its deployment until the plan stops it,
 * so there is no foreign key to deployments.
 */
@Entity('assignments')
@Index('assignments_runner_id_idx', ['runnerId'])
@Index('assignments_deployment_id_idx', ['deploymentId'])
@Check('assignments_drain_check', '(drain_reason IS NULL) = (draining_since IS NULL)')
export class AssignmentEntity {
  @PrimaryColumn({ type: 'text' })
  replicaId!: string;

  @Column({ type: 'text' })
  @ForeignKey(() => RunnerEntity, { name: 'assignments_runner_id_fkey', onDelete: 'CASCADE' })
  runnerId!: string;

  @Column({ type: 'text' })
  deploymentId!: string;

  @Column({ type: 'text' })
  deviceKey!: string;

  /** The other devices of its group. */
  @Column({ type: 'jsonb', default: [] })
  peers!: readonly PeerDevice[];

  /** Why it takes no new work and stops once it is idle; null when it does not. Never taken back. */
  @Column({ type: 'text', nullable: true })
  drainReason!: StopReason | null;

  @Column({ type: 'timestamptz', nullable: true })
  drainingSince!: Date | null;

  /** What to load, with the choices that the footprint rests on filled in. */
  @Column({ type: 'jsonb' })
  spec!: ReplicaSpec;

  /** Canonical JSON of the wished settings: names the footprint, and shows a changed wish. */
  @Column({ type: 'text' })
  settings!: string;

  @Column(bigintColumn)
  generation!: number;

  @Column(bigintColumn)
  epoch!: number;

  @Column(createdAtColumn)
  createdAt!: Date;
}
