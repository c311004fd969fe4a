import { Check, Column, Entity, PrimaryColumn } from 'typeorm';
import type { FootprintBasis, FootprintBreakdown } from '@millrace/domain/footprint';
import { bigintColumn } from './columns.js';

/** What one replica of an artifact needs on one type of device, predicted and, once loaded, measured. */
@Entity('footprints')
@Check('footprints_basis_check', `basis IN ('measured', 'learned', 'engine_dry_run', 'formula', 'claimed')`)
export class FootprintEntity {
  @PrimaryColumn({ type: 'text' })
  artifact!: string;

  @PrimaryColumn({ type: 'text' })
  engine!: string;

  /** Canonical JSON of what was wished: context length, slots, engine options. */
  @PrimaryColumn({ type: 'text' })
  settings!: string;

  @PrimaryColumn({ type: 'text' })
  deviceType!: string;

  /** Of the group. */
  @PrimaryColumn({ type: 'integer', default: 1 })
  deviceCount!: number;

  /** With a part of the weights in the memory of the runner's CPU. */
  @PrimaryColumn({ type: 'boolean', default: false })
  offloaded!: boolean;

  @Column({ type: 'text', default: 'engine_dry_run' })
  basis!: FootprintBasis;

  @Column({ ...bigintColumn, default: 0 })
  weightsBytes!: number;

  @Column({ ...bigintColumn, default: 0 })
  kvBytes!: number;

  @Column({ ...bigintColumn, default: 0 })
  computeBytes!: number;

  @Column({ ...bigintColumn, default: 0 })
  overheadBytes!: number;

  @Column({ ...bigintColumn, nullable: true })
  measuredBytes!: number | null;

  /** Breakdowns on the group's further devices where they differ from the first; null when all are alike. */
  @Column({ type: 'jsonb', nullable: true })
  peers!: readonly FootprintBreakdown[] | null;

  /** In the memory of the runner's CPU; null when nothing stays there. */
  @Column({ type: 'jsonb', nullable: true })
  host!: FootprintBreakdown | null;

  /** How long the newest load took; null before the first. */
  @Column({ ...bigintColumn, nullable: true })
  loadMs!: number | null;

  /** Of the engine that was asked or measured; empty when it did not tell. */
  @Column({ type: 'text', default: '' })
  engineVersion!: string;

  /** What the engine chose where the wish left it open. */
  @Column({ type: 'integer', default: 0 })
  contextLength!: number;

  @Column({ type: 'integer', default: 0 })
  slots!: number;

  /** Why the newest dry run failed, in one sentence; null when it succeeded. */
  @Column({ type: 'text', nullable: true })
  failure!: string | null;

  @Column({ type: 'timestamptz', default: () => 'now()' })
  observedAt!: Date;
}
