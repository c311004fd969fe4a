import { Column, type ColumnOptions } from 'typeorm';

/** Bytes and counters: bigint in the database, a safe integer here (pg delivers bigint as text). */
export const bigintColumn = {
  type: 'bigint',
  transformer: {
    to: (value: number | null | undefined) => value,
    from: (value: string | null) => (value === null ? null : Number(value)),
  },
} as const satisfies ColumnOptions;

/** An instant that the database's own clock fills in. */
export const createdAtColumn = {
  type: 'timestamptz',
  default: () => 'now()',
} as const satisfies ColumnOptions;

/** What a tenant or a key may use; null is unlimited. */
export abstract class LimitColumns {
  @Column({ type: 'integer', nullable: true })
  requestsPerMinute!: number | null;

  @Column({ ...bigintColumn, nullable: true })
  tokensPerMinute!: number | null;

  @Column({ type: 'integer', nullable: true })
  maxConcurrent!: number | null;

  @Column({ ...bigintColumn, nullable: true })
  tokensPerMonth!: number | null;
}

/** In a check constraint: no limit is negative. */
export const limitsCheck = 'least(requests_per_minute, tokens_per_minute, max_concurrent, tokens_per_month) >= 0';
