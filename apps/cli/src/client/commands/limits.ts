import { Option } from 'commander';
import { z } from 'zod';
import { limit, type Cleared } from '../option-values.js';
import { numberCell } from '../output/cells.js';

const limitSchema = z.number().nullish();

/** The limits of a tenant or a key as the server sends them. */
export const limitsSchema = z
  .looseObject({
    requestsPerMinute: limitSchema,
    tokensPerMinute: limitSchema,
    maxConcurrent: limitSchema,
    tokensPerMonth: limitSchema,
  })
  .nullish();

type LimitName = 'requestsPerMinute' | 'tokensPerMinute' | 'maxConcurrent' | 'tokensPerMonth';

export type LimitOptions = Partial<Record<LimitName, number | Cleared>>;

export function limitOptions(): Option[] {
  return [
    new Option('--requests-per-minute <count>', 'requests in any 60 s, or none').argParser(limit),
    new Option('--tokens-per-minute <count>', 'tokens in any 60 s, or none').argParser(limit),
    new Option('--max-concurrent <count>', 'requests at once, or none').argParser(limit),
    new Option('--tokens-per-month <count>', 'tokens in a calendar month, UTC, or none').argParser(limit),
  ];
}

/** Undefined when no limit is spoken of. */
export function limitsOf({
  requestsPerMinute,
  tokensPerMinute,
  maxConcurrent,
  tokensPerMonth,
}: LimitOptions): LimitOptions | undefined {
  const limits = { requestsPerMinute, tokensPerMinute, maxConcurrent, tokensPerMonth };
  const spoken = Object.entries(limits).filter(([, value]) => value !== undefined);
  return spoken.length === 0 ? undefined : Object.fromEntries(spoken);
}

/** `60 requests/min, 4 at once`. */
export function limitsCell(limits: z.infer<typeof limitsSchema>): string {
  const parts = [
    [limits?.requestsPerMinute, 'requests/min'],
    [limits?.tokensPerMinute, 'tokens/min'],
    [limits?.maxConcurrent, 'at once'],
    [limits?.tokensPerMonth, 'tokens/month'],
  ] as const;
  const set = parts.filter(([value]) => value !== null && value !== undefined);
  return set.length === 0 ? 'none' : set.map(([value, unit]) => `${numberCell(value)} ${unit}`).join(', ');
}
