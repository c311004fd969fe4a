import type { ColumnOptions } from 'typeorm';

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
