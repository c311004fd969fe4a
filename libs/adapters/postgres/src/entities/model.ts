import { Column, Entity, PrimaryColumn, Unique } from 'typeorm';
import { createdAtColumn } from './columns.js';

/** A catalogue entry: a name that callers use, and the weights and engine behind it. */
@Entity('models')
@Unique('models_name_key', ['name'])
export class ModelEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text' })
  artifact!: string;

  @Column({ type: 'text' })
  engine!: string;

  @Column({ type: 'jsonb', default: {} })
  engineOptions!: Record<string, unknown>;

  @Column({ type: 'integer', default: 1 })
  version!: number;

  @Column(createdAtColumn)
  createdAt!: Date;
}
