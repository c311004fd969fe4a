import { z } from 'zod';

/** Text that Postgres and JSON can hold: no NUL, no half of a surrogate pair. */
const storable = /^[^\0\p{Cs}]*$/u;
const oneLine = /^(?!\s)[^\p{Cc}\p{Cs}]*(?<!\s)$/u;

/** A text of several lines. */
export function textOf(mostCharacters: number): z.ZodString {
  return z.string().max(mostCharacters).regex(storable, 'Expected text without NUL characters and half surrogates');
}

/** The name of a resource. */
export const nameField = z
  .string()
  .min(1)
  .max(100)
  .regex(oneLine, 'Expected one line without space at its ends')
  .describe('Name, 1 to 100 characters on one line.');

/** The name of a model. */
export const modelNameField = z.string().min(1).max(500).regex(oneLine, 'Expected the name of a model');

/** Names of models; null is all of them. */
export const allowedModelsField = z
  .array(modelNameField)
  .max(1_000)
  .nullable()
  .describe('Names of the models that may be used; null is all of them.');

const MOST_REQUESTS = 2_147_483_647;
const MOST_TOKENS = Number.MAX_SAFE_INTEGER;

const limitOf = (most: number, what: string) => z.int().min(0).max(most).nullable().describe(what);

/** Limits of a resource. */
export const limitsSchema = z
  .strictObject({
    requestsPerMinute: limitOf(MOST_REQUESTS, 'Requests in any 60 s; null is unlimited.'),
    tokensPerMinute: limitOf(MOST_TOKENS, 'Tokens of prompts and answers in any 60 s; null is unlimited.'),
    maxConcurrent: limitOf(MOST_REQUESTS, 'Requests under way at one time; null is unlimited.'),
    tokensPerMonth: limitOf(MOST_TOKENS, 'Tokens in a calendar month, UTC; null is unlimited.'),
  })
  .meta({ id: 'Limits' });

/** Limits as a body names them; in a patch, what is left out stays. */
export const limitsField = limitsSchema
  .partial()
  .meta({ id: 'LimitChanges' })
  .nullable()
  .describe('What may be used; null is unlimited.');

const FIRST_INSTANT_MS = Date.UTC(2000, 0);

/** An instant as text, RFC 3339. */
export const timeField = z.iso
  .datetime({ offset: true, error: 'Expected a time such as 2030-01-31T12:00:00Z' })
  .refine((text) => Date.parse(text) >= FIRST_INSTANT_MS, 'Expected a time after the year 2000');

/** An instant in a body. */
export const instantField = timeField.transform((text) => new Date(text));

/** What every resource has that can be changed. */
export function resourceFields(prefix: string) {
  return {
    id: z.string().describe(`Begins with ${prefix}_.`),
    version: z.int().describe('Grows with each change; If-Match makes it the condition of one.'),
    createdAt: z.iso.datetime(),
  };
}

/** A field of a JSON merge patch that null puts back to what it is when nobody sets it. */
export function clearedTo<Schema extends z.ZodType>(initial: z.output<Schema>, field: Schema) {
  return field
    .nullable()
    .transform((value) => value ?? initial)
    .optional();
}
