import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { ApiKeyEntity } from './api-key.js';
import { createdAtColumn } from './columns.js';

/** What a POST with an Idempotency-Key was answered, for those that come again. */
@Entity('idempotent_answers')
@Index('idempotent_answers_created_at_idx', ['createdAt'])
export class IdempotentAnswerEntity {
  @PrimaryColumn({ type: 'text' })
  @ForeignKey(() => ApiKeyEntity, { name: 'idempotent_answers_key_id_fkey', onDelete: 'CASCADE' })
  keyId!: string;

  @PrimaryColumn({ type: 'text' })
  idempotencyKey!: string;

  /** Of method, path and body: another request under the same key is an error. */
  @Column({ type: 'text' })
  requestHash!: string;

  /** Of the request that is or was served; its changes bear the same id in the audit log. */
  @Column({ type: 'text' })
  requestId!: string;

  /** Null while the request is being served. */
  @Column({ type: 'integer', nullable: true })
  status!: number | null;

  /** Encrypted, as it may hold a secret. */
  @Column({ type: 'bytea', nullable: true })
  answer!: Buffer | null;

  @Column(createdAtColumn)
  createdAt!: Date;
}
