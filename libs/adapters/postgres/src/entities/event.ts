import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { createdAtColumn } from './columns.js';

/** A change of state that is told to whoever watches. The newest are kept. */
@Entity('events')
@Index('events_position_idx', ['xid', 'id'])
export class EventEntity {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id!: string;

  /** Of the transaction that wrote it: rows of one that commits late have a place that no reader has passed. */
  @Column({ type: 'bigint' })
  xid!: string;

  /** `runner.cordoned`, `replica.ready`, `deployment.created` … */
  @Column({ type: 'text' })
  type!: string;

  @Column({ type: 'text' })
  resourceId!: string;

  /** Ids and numbers; never a secret nor a prompt. */
  @Column({ type: 'jsonb', default: {} })
  data!: Record<string, unknown>;

  @Column(createdAtColumn)
  createdAt!: Date;
}
