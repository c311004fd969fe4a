import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { ReplicaState } from '@millrace/domain/placement';
import { bigintColumn } from './columns.js';
import { RunnerEntity } from './runner.js';

/** A replica as its runner last reported it. A row goes when the runner no longer names it. */
@Entity('replicas')
@Index('replicas_runner_id_idx', ['runnerId'])
@Check('replicas_state_check', `state IN ('loading', 'ready', 'draining', 'stopped', 'failed')`)
export class ReplicaEntity {
  @PrimaryColumn({ type: 'text' })
  replicaId!: string;

  @Column({ type: 'text' })
  @ForeignKey(() => RunnerEntity, { name: 'replicas_runner_id_fkey', onDelete: 'CASCADE' })
  runnerId!: string;

  /** Null when the runner names a replica that is assigned no more. */
  @Column({ type: 'text', nullable: true })
  deploymentId!: string | null;

  @Column({ type: 'text' })
  state!: ReplicaState;

  /** 0 until measured. */
  @Column({ ...bigintColumn, default: 0 })
  measuredBytes!: number;

  @Column({ type: 'integer', default: 0 })
  slots!: number;

  @Column({ type: 'integer', default: 0 })
  contextLength!: number;

  @Column({ type: 'text', default: '' })
  message!: string;

  /** 0..1 while loading. */
  @Column({ type: 'double precision', default: 0 })
  progress!: number;

  /** Since when it serves; null before. */
  @Column({ type: 'timestamptz', nullable: true })
  readySince!: Date | null;

  /** Attempts that it serves. */
  @Column({ type: 'integer', default: 0 })
  inFlight!: number;

  @Column({ type: 'timestamptz', nullable: true })
  lastUsedAt!: Date | null;

  /** How long its load took; null until then. */
  @Column({ ...bigintColumn, nullable: true })
  loadMs!: number | null;

  @Column({ type: 'timestamptz', default: () => 'now()' })
  observedAt!: Date;
}
