import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { bigintColumn } from './columns.js';

/** The newest decisions of the scheduler: what, why, and the numbers it rested on. */
@Entity('scheduler_decisions')
export class SchedulerDecisionEntity {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id!: string;

  @Column({ type: 'timestamptz', default: () => 'now()' })
  decidedAt!: Date;

  @Column(bigintColumn)
  epoch!: number;

  @Column({ type: 'text' })
  action!: string;

  @Column({ type: 'text' })
  reason!: string;

  @Column({ type: 'text', nullable: true })
  deploymentId!: string | null;

  @Column({ type: 'text', nullable: true })
  replicaId!: string | null;

  @Column({ type: 'jsonb' })
  numbers!: Record<string, unknown>;
}
