import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import type { TraceRow } from '@millrace/domain/simulation';
import { wrongUsage } from '../client/client-error.js';

const tokens = z.coerce.number().int().min(1).max(10_000_000);
const rowSchema = z.object({
  TIMESTAMP: z.string().transform((text, context) => {
    const ms = instantMs(text);
    if (Number.isNaN(ms)) context.addIssue(`"${text}" is no instant; expected 2023-11-16 18:17:03.97996, in UTC`);
    return ms;
  }),
  ContextTokens: tokens,
  GeneratedTokens: tokens,
});

/** Reads the CSV of a trace: TIMESTAMP, ContextTokens, GeneratedTokens; other columns are ignored. */
export function readTrace(text: string, path: string): TraceRow[] {
  const rows = rowsOf(text, path).map((row, index) => {
    const read = rowSchema.safeParse(row);
    if (read.success) return read.data;
    const issues = read.error.issues.map(({ path: at, message }) => `${at.join('.')}: ${message}`);
    throw wrongUsage(`${path}, row ${index + 1}: ${issues.join('; ')}.`);
  });
  rows.sort((a, b) => a.TIMESTAMP - b.TIMESTAMP);
  const [first] = rows;
  if (first === undefined) throw wrongUsage(`${path} has no rows below its titles.`);
  return rows.map(({ TIMESTAMP, ContextTokens, GeneratedTokens }) => ({
    atSeconds: (TIMESTAMP - first.TIMESTAMP) / 1_000,
    contextTokens: ContextTokens,
    generatedTokens: GeneratedTokens,
  }));
}

function rowsOf(text: string, path: string): unknown[] {
  try {
    return parse(text, { columns: true, skip_empty_lines: true, trim: true, bom: true });
  } catch (error) {
    throw wrongUsage(`${path} is not CSV: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** With the fraction of a millisecond, which Date leaves out. */
function instantMs(text: string): number {
  const [, seconds = '', fraction = ''] = /^(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)(?:\.(\d+))?Z?$/.exec(text) ?? [];
  return Date.parse(`${seconds.replace(' ', 'T')}Z`) + Number(`0.${fraction || 0}`) * 1_000;
}
