import { z } from 'zod';
import { USAGE_GROUPS } from '@millrace/adapters/postgres';
import { textOf } from './fields.js';
import { limitParameter } from './list-query.js';

/** Rows of one JSON answer when nothing is asked for. */
export const USUAL_ROWS = 1_000;
const LARGEST_LIMIT = 10_000;

const expectedTime = 'Expected a date such as 2026-11-25 or a time such as 2026-11-25T10:00:00Z (a + is written %2B)';
const expectedGroups = `Expected some of ${USAGE_GROUPS.join(', ')}, each once, with commas between`;

const timeField = z.union([z.iso.datetime({ offset: true }), z.iso.date()], expectedTime);
const anyGroup = `(${USAGE_GROUPS.join('|')})`;

const filterOf = (what: string) =>
  textOf(1_000).min(1, 'Expected a value').optional().describe(`Only usage of ${what}.`);

/** The query of GET /admin/v1/usage. */
export const usageQuery = z.strictObject({
  groupBy: z
    .string()
    .regex(new RegExp(`^${anyGroup}(,${anyGroup})*$`), expectedGroups)
    .refine((text) => new Set(text.split(',')).size === text.split(',').length, expectedGroups)
    .optional()
    .describe(`What the rows tell apart: ${expectedGroups.slice('Expected '.length)}. Left out, nothing but the time.`),
  interval: z
    .enum(['hour', 'day'], 'Expected hour or day')
    .default('day')
    .describe('How much time a row sums up; hours and days are those of UTC.'),
  from: timeField
    .optional()
    .describe('The first interval is the one that holds it. By default a day (by hour) or 30 days (by day) before to.'),
  to: timeField.optional().describe('The last interval is the one that holds the instant before it. By default now.'),
  tenantId: filterOf('this tenant'),
  keyId: filterOf('this API key'),
  agentId: filterOf('this agent'),
  model: filterOf('the model of this name'),
  deploymentId: filterOf('this deployment'),
  format: z
    .enum(['json', 'csv'], 'Expected json or csv')
    .optional()
    .describe('csv is what Accept: text/csv asks for as well: all rows in one answer.'),
  limit: limitParameter(LARGEST_LIMIT)
    .optional()
    .describe(`Most rows of a JSON answer; ${String(USUAL_ROWS)} by default, at most ${String(LARGEST_LIMIT)}.`),
  after: z
    .string()
    .regex(/^[\w-]{1,8000}$/, 'Expected next of the part before')
    .optional()
    .describe('`next` of the part before.'),
});

const count = z.int().min(0);
const group = (what: string) => z.string().optional().describe(`There when groupBy names the ${what}.`);

/** What one group has used in one interval, as it goes over HTTP. */
export const usageRowSchema = z
  .object({
    tenantId: group('tenant'),
    keyId: group('key'),
    agentId: group('agent').nullable().describe('There when groupBy names the agent; null for usage without one.'),
    model: group('model'),
    deploymentId: group('deployment'),
    start: z.iso.datetime().describe('First instant of the interval.'),
    requests: count.describe('Requests that ended in the interval, however they ended.'),
    promptTokens: count,
    cachedTokens: count.describe("Of the prompt tokens, those that were in a replica's cache."),
    completionTokens: count,
    reasoningTokens: count.describe('Of the completion tokens, those of reasoning.'),
    totalTokens: count.describe('Of prompts and completions.'),
  })
  .meta({ id: 'UsageRow', description: 'What one group has used in one interval; those that used nothing have none.' });

export type UsageRow = z.infer<typeof usageRowSchema>;

/** A part of a report as it goes over HTTP. */
export const usageReportSchema = z
  .object({
    object: z.literal('list'),
    data: z.array(usageRowSchema).describe('By start, then by tenant, key, agent, model and deployment.'),
    hasMore: z.boolean().describe('Whether rows follow: ask again with `after`.'),
    next: z.string().optional().describe('What to ask with as `after`; there when rows follow.'),
  })
  .meta({ id: 'UsageReport' });

export type UsageReport = z.infer<typeof usageReportSchema>;
