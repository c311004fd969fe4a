import { Check, Column, Entity, PrimaryColumn, Unique } from 'typeorm';
import { createdAtColumn, LimitColumns, limitsCheck } from './columns.js';

/** The paying, isolated customer. The tenant `operator` owns the operators' keys. */
@Entity('tenants')
@Unique('tenants_name_key', ['name'])
@Check('tenants_weight_check', 'weight > 0')
@Check('tenants_limits_check', limitsCheck)
export class TenantEntity extends LimitColumns {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'boolean', default: false })
  disabled!: boolean;

  /** Its share of a busy deployment beside those of other tenants. */
  @Column({ type: 'double precision', default: 1 })
  weight!: number;

  /** Names of models that its keys may use; null is all. */
  @Column({ type: 'text', array: true, nullable: true })
  allowedModels!: string[] | null;

  @Column({ type: 'integer', default: 1 })
  version!: number;

  @Column(createdAtColumn)
  createdAt!: Date;
}
