import { Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';
import type { SamplingParameters } from '@millrace/contracts/openai';
import type { AgentLock } from '@millrace/domain/agents';
import { createdAtColumn } from './columns.js';
import { TenantEntity } from './tenant.js';

/** A tenant's preset. */
@Entity('agents')
@Unique('agents_tenant_name_key', ['tenantId', 'name'])
export class AgentEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @Column({ type: 'text' })
  @ForeignKey(() => TenantEntity, { name: 'agents_tenant_id_fkey', onDelete: 'CASCADE' })
  tenantId!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text', default: '' })
  description!: string;

  /** Name of the model. */
  @Column({ type: 'text' })
  model!: string;

  @Column({ type: 'text', default: '' })
  systemPrompt!: string;

  /** Defaults of sampling parameters, by their names in the public contract. */
  @Column({ type: 'jsonb', default: {} })
  sampling!: SamplingParameters;

  /** Names of what a request cannot change. */
  @Column({ type: 'text', array: true, default: [] })
  locks!: AgentLock[];

  @Column({ type: 'integer', default: 1 })
  version!: number;

  @Column(createdAtColumn)
  createdAt!: Date;
}
