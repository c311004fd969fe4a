import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn } from './columns.js';

/** Sums of usage rows by hour and by day (UTC), kept in the statement that writes the rows. */
@Entity('usage_rollups')
@Index('usage_rollups_tenant_start_idx', ['tenantId', 'granularity', 'startAt'])
@Check('usage_rollups_granularity_check', `granularity IN ('hour', 'day')`)
export class UsageRollupEntity {
  @PrimaryColumn({ type: 'text' })
  granularity!: 'hour' | 'day';

  @PrimaryColumn({ type: 'timestamptz' })
  startAt!: Date;

  @PrimaryColumn({ type: 'text' })
  tenantId!: string;

  @PrimaryColumn({ type: 'text' })
  keyId!: string;

  /** Empty for usage without an agent. */
  @PrimaryColumn({ type: 'text', default: '' })
  agentId!: string;

  @PrimaryColumn({ type: 'text' })
  model!: string;

  @PrimaryColumn({ type: 'text' })
  deploymentId!: string;

  @Column(bigintColumn)
  requests!: number;

  @Column(bigintColumn)
  promptTokens!: number;

  @Column(bigintColumn)
  cachedTokens!: number;

  @Column(bigintColumn)
  completionTokens!: number;

  @Column(bigintColumn)
  reasoningTokens!: number;
}
