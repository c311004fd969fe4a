import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { RunnerEntity } from './runner.js';

/** How often in a row a deployment failed on a device; what the quarantine is computed from. */
@Entity('load_failures')
export class LoadFailureEntity {
  @PrimaryColumn({ type: 'text' })
  deploymentId!: string;

  @PrimaryColumn({ type: 'text' })
  @ForeignKey(() => RunnerEntity, { name: 'load_failures_runner_id_fkey', onDelete: 'CASCADE' })
  runnerId!: string;

  @PrimaryColumn({ type: 'text' })
  deviceKey!: string;

  /** Settings that failed; others are tried at once. */
  @Column({ type: 'text' })
  settings!: string;

  @Column({ type: 'integer' })
  failures!: number;

  @Column({ type: 'text' })
  message!: string;

  @Column({ type: 'timestamptz', default: () => 'now()' })
  failedAt!: Date;
}
