import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import type { ApiKeyKind } from '@millrace/domain/tenancy';
import { AgentEntity } from './agent.js';
import { createdAtColumn, LimitColumns, limitsCheck } from './columns.js';
import { TenantEntity } from './tenant.js';

/** A secret that authenticates; only its hash and its visible prefix are stored. */
@Entity('api_keys')
@Unique('api_keys_secret_hash_key', ['secretHash'])
@Unique('api_keys_previous_secret_hash_key', ['previousSecretHash'])
@Index('api_keys_tenant_id_idx', ['tenantId'])
@Index('api_keys_agent_id_idx', ['agentId'])
@Check('api_keys_kind_check', `kind IN ('operator', 'tenant-admin', 'inference', 'agent')`)
@Check('api_keys_agent_check', `(kind = 'agent') = (agent_id IS NOT NULL)`)
@Check('api_keys_limits_check', limitsCheck)
export class ApiKeyEntity extends LimitColumns {
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

  /** Before the last rotation; it works until it expires. */
  @Column({ type: 'text', nullable: true })
  previousSecretHash!: string | null;

  @Column({ type: 'timestamptz', nullable: true })
  previousSecretExpiresAt!: Date | null;

  /** The one agent that a key of the kind `agent` acts as; null for all other kinds. */
  @Column({ type: 'text', nullable: true })
  @ForeignKey(() => AgentEntity, { name: 'api_keys_agent_id_fkey', onDelete: 'CASCADE' })
  agentId!: string | null;

  @Column({ type: 'boolean', default: false })
  disabled!: boolean;

  @Column({ type: 'timestamptz', nullable: true })
  expiresAt!: Date | null;

  /** Names of models the key may use; null is all of the tenant's. */
  @Column({ type: 'text', array: true, nullable: true })
  allowedModels!: string[] | null;

  /** To the minute, about. */
  @Column({ type: 'timestamptz', nullable: true })
  lastUsedAt!: Date | null;

  @Column({ type: 'integer', default: 1 })
  version!: number;

  @Column(createdAtColumn)
  createdAt!: Date;
}
