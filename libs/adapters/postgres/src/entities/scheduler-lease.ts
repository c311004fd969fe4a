import { Check, Column, Entity, PrimaryColumn, Unique } from 'typeorm';
import { bigintColumn } from './columns.js';

/**
 * One row: who plans, and in which term. `epoch` is a unique key on purpose: raising it then waits for,
 * and shuts out, every transaction that holds the row FOR KEY SHARE; renewing does not.
 */
@Entity('scheduler_lease')
@Unique('scheduler_lease_epoch_key', ['epoch'])
@Check('scheduler_lease_single_check', 'id = 1')
export class SchedulerLeaseEntity {
  @PrimaryColumn({ type: 'smallint' })
  id!: number;

  @Column(bigintColumn)
  epoch!: number;

  /** Boot id of the scheduler process. */
  @Column({ type: 'text' })
  holder!: string;

  /** By the database's clock. */
  @Column({ type: 'timestamptz' })
  expiresAt!: Date;
}
