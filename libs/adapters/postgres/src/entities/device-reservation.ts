import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { bigintColumn, createdAtColumn } from './columns.js';
import { DeviceEntity } from './device.js';

/** The ledger: bytes of a device that belong to a replica, from its assignment until its memory is free again. */
@Entity('device_reservations')
@Check('device_reservations_basis_check', `basis IN ('predicted', 'measured')`)
@ForeignKey(() => DeviceEntity, ['runnerId', 'deviceKey'], ['runnerId', 'deviceKey'], {
  name: 'device_reservations_device_fkey',
  onDelete: 'CASCADE',
})
export class DeviceReservationEntity {
  @PrimaryColumn({ type: 'text' })
  runnerId!: string;

  @PrimaryColumn({ type: 'text' })
  deviceKey!: string;

  @PrimaryColumn({ type: 'text' })
  replicaId!: string;

  @Column(bigintColumn)
  bytes!: number;

  @Column({ type: 'text', default: 'predicted' })
  basis!: 'predicted' | 'measured';

  /** When its replica was stopped; null while the replica is assigned. */
  @Column({ type: 'timestamptz', nullable: true })
  releasingSince!: Date | null;

  /** The deployment that the memory was taken for, if the replica was evicted. */
  @Column({ type: 'text', nullable: true })
  releasingFor!: string | null;

  /** Term of the scheduler that wrote it. */
  @Column(bigintColumn)
  epoch!: number;

  @Column(createdAtColumn)
  createdAt!: Date;
}
