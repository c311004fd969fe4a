import { Column, Entity, PrimaryColumn, Unique } from 'typeorm';
import { createdAtColumn } from './columns.js';

/** Lets runners join until it expires or is revoked. */
@Entity('join_tokens')
@Unique('join_tokens_secret_hash_key', ['secretHash'])
export class JoinTokenEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @Column({ type: 'text', default: '' })
  name!: string;

  @Column({ type: 'text' })
  prefix!: string;

  @Column({ type: 'text' })
  secretHash!: string;

  @Column({ type: 'timestamptz', nullable: true })
  expiresAt!: Date | null;

  @Column({ type: 'boolean', default: false })
  revoked!: boolean;

  @Column({ type: 'integer', default: 1 })
  version!: number;

  @Column(createdAtColumn)
  createdAt!: Date;
}
