import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One administrative change. Entries are only ever added; they outlive what they name, so there are no foreign keys. */
@Entity('audit_log')
@Index('audit_log_tenant_id_idx', ['tenantId', 'id'])
@Index('audit_log_resource_id_idx', ['resourceId', 'id'])
export class AuditEntryEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @Column({ type: 'timestamptz', default: () => 'now()' })
  at!: Date;

  /** The tenant whose resource was changed; null for what belongs to no tenant. */
  @Column({ type: 'text', nullable: true })
  tenantId!: string | null;

  /** The key that asked; null for what `npm start` sets up. */
  @Column({ type: 'text', nullable: true })
  actorKeyId!: string | null;

  @Column({ type: 'text' })
  actorKind!: string;

  /** Network address that the request came from. */
  @Column({ type: 'text', nullable: true })
  address!: string | null;

  @Column({ type: 'text', nullable: true })
  requestId!: string | null;

  /** create, change, rotate, delete … */
  @Column({ type: 'text' })
  action!: string;

  /** tenant, api-key, agent … */
  @Column({ type: 'text' })
  resourceKind!: string;

  @Column({ type: 'text' })
  resourceId!: string;

  /** Without secrets. */
  @Column({ type: 'jsonb', nullable: true })
  before!: Record<string, unknown> | null;

  /** Without secrets. */
  @Column({ type: 'jsonb', nullable: true })
  after!: Record<string, unknown> | null;
}
