import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import type { ApiKeyKind } from '../tenancy-store.js';
import { createdAtColumn } from './columns.js';
import { TenantEntity } from './tenant.js';

/** A secret that authenticates; only its hash and its visible prefix are stored. */
@Entity('api_keys')
@Unique('api_keys_secret_hash_key', ['secretHash'])
@Index('api_keys_tenant_id_idx', ['tenantId'])
@Check('api_keys_kind_check', `kind IN ('operator', 'tenant-admin', 'inference', 'agent')`)
export class ApiKeyEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @Column({ type: 'text' })
  @ForeignKey(() => TenantEntity, { name: 'api_keys_tenant_id_fkey', onDelete: 'CASCADE' })
  tenantId!: string;

  @Column({ type: 'text' })
  kind!: ApiKeyKind;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text' })
  prefix!: string;

  @Column({ type: 'text' })
  secretHash!: string;

  @Column({ type: 'boolean', default: false })
  disabled!: boolean;

  @Column({ type: 'timestamptz', nullable: true })
  expiresAt!: Date | null;

  /** Names of models the key may use; null is all of the tenant's. */
  @Column({ type: 'text', array: true, nullable: true })
  allowedModels!: string[] | null;

  @Column(createdAtColumn)
  createdAt!: Date;
}
