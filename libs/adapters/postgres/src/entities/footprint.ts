import { Check, Column, Entity, PrimaryColumn } from 'typeorm';
import type { FootprintBasis } from '@millrace/domain/footprint';
import { bigintColumn } from './columns.js';

/** What one replica of an artifact needs on one type of device, predicted and, once loaded, measured. */
@Entity('footprints')
@Check('footprints_basis_check', `basis IN ('engine_dry_run', 'measured')`)
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
