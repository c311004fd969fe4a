import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { bigintColumn } from './columns.js';
import { RunnerEntity } from './runner.js';

/** One GPU or partition, or the CPU with its memory, as its runner last reported it. */
@Entity('devices')
export class DeviceEntity {
  @PrimaryColumn({ type: 'text' })
  @ForeignKey(() => RunnerEntity, { name: 'devices_runner_id_fkey', onDelete: 'CASCADE' })
  runnerId!: string;

  @PrimaryColumn({ type: 'text' })
  deviceKey!: string;

  @Column({ type: 'text' })
  deviceType!: string;

  @Column(bigintColumn)
  totalBytes!: number;

  @Column(bigintColumn)
  freeBytes!: number;

  /** Never given to replicas. */
  @Column(bigintColumn)
  reserveBytes!: number;

  @Column({ type: 'timestamptz', default: () => 'now()' })
  observedAt!: Date;
}
