import { Check, Column, Entity, PrimaryColumn, Unique } from 'typeorm';
import { bigintColumn, createdAtColumn } from './columns.js';

/** A runner's identity and administrative state, apart from its health, which its heartbeats tell. */
@Entity('runners')
@Unique('runners_name_key', ['name'])
@Unique('runners_credential_hash_key', ['credentialHash'])
@Check('runners_admin_state_check', `admin_state IN ('active', 'cordoned', 'draining', 'maintenance')`)
export class RunnerEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text', default: 'active' })
  adminState!: 'active' | 'cordoned' | 'draining' | 'maintenance';

  @Column({ type: 'jsonb', default: {} })
  labels!: Record<string, string>;

  @Column({ type: 'text' })
  credentialHash!: string;

  /** Labels that operators have set; they go before those that the runner brings. */
  @Column({ type: 'jsonb', default: {} })
  operatorLabels!: Record<string, string>;

  @Column({ type: 'text', array: true, default: [] })
  engines!: string[];

  /** Names the running start of the runner's process; null before the first. */
  @Column({ type: 'text', nullable: true })
  bootId!: string | null;

  @Column({ type: 'text', nullable: true })
  softwareVersion!: string | null;

  @Column({ type: 'timestamptz', nullable: true })
  lastHeartbeatAt!: Date | null;

  /** Rises with every change of this runner's assignments. */
  @Column({ ...bigintColumn, default: 0 })
  generation!: number;

  /** Term of the scheduler that decided that generation. */
  @Column({ ...bigintColumn, default: 0 })
  epoch!: number;

  /** The newest generation the runner says it has seen. */
  @Column({ ...bigintColumn, default: 0 })
  observedGeneration!: number;

  /** Rises with every change that a person makes; the resource's ETag. */
  @Column({ type: 'integer', default: 1 })
  version!: number;

  @Column(createdAtColumn)
  createdAt!: Date;
}
