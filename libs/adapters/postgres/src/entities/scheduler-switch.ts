import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** One row: whether people have paused the scheduler. It then observes and explains, and changes nothing. */
@Entity('scheduler_switch')
@Check('scheduler_switch_single_check', 'id = 1')
export class SchedulerSwitchEntity {
  @PrimaryColumn({ type: 'smallint' })
  id!: number;

  @Column({ type: 'boolean', default: false })
  paused!: boolean;
}
