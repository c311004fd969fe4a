import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn } from './columns.js';

/** One row per admitted request, written once. Ids are kept after what they name is gone, so there are no foreign keys. */
@Entity('usage_records')
@Index('usage_records_tenant_finished_idx', ['tenantId', 'finishedAt'])
@Check('usage_records_outcome_check', `outcome IN ('completed', 'cancelled', 'failed', 'expired')`)
export class UsageRecordEntity {
  @PrimaryColumn({ type: 'text' })
  requestId!: string;

  /** The id of the answer, which is that of the job of its first choice. */
  @Column({ type: 'text' })
  jobId!: string;

  @Column({ type: 'text' })
  tenantId!: string;

  @Column({ type: 'text' })
  keyId!: string;

  /** Null for usage without an agent. */
  @Column({ type: 'text', nullable: true })
  agentId!: string | null;

  @Column({ type: 'text' })
  model!: string;

  @Column({ type: 'text' })
  deploymentId!: string;

  @Column({ type: 'integer' })
  promptTokens!: number;

  @Column({ type: 'integer' })
  cachedTokens!: number;

  @Column({ type: 'integer' })
  completionTokens!: number;

  @Column({ type: 'integer' })
  reasoningTokens!: number;

  @Column(bigintColumn)
  queueMs!: number;

  /** Null when no token was generated. */
  @Column({ ...bigintColumn, nullable: true })
  firstTokenMs!: number | null;

  @Column(bigintColumn)
  totalMs!: number;

  @Column({ type: 'integer' })
  attempts!: number;

  @Column({ type: 'text' })
  outcome!: 'completed' | 'cancelled' | 'failed' | 'expired';

  @Column({ type: 'timestamptz' })
  finishedAt!: Date;
}
