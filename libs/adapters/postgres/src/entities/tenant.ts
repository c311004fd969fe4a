import { Column, Entity, PrimaryColumn, Unique } from 'typeorm';
import { createdAtColumn } from './columns.js';

/** The paying, isolated customer. The tenant `operator` owns the operators' keys. */
@Entity('tenants')
@Unique('tenants_name_key', ['name'])
export class TenantEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'boolean', default: false })
  disabled!: boolean;

  @Column(createdAtColumn)
  createdAt!: Date;
}
