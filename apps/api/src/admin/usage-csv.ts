import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify/sync';
import type { UsageRow } from './usage-schema.js';

/**
 * Rows as CSV (RFC 4180) with a header line, read part by part as fast as the caller takes them. A text that a
 * spreadsheet would run as a formula begins with an apostrophe.
 */
export function usageCsv(columns: readonly (keyof UsageRow)[], parts: AsyncIterable<readonly UsageRow[]>): Readable {
  return Readable.from(csvParts(columns, parts), { objectMode: false });
}

async function* csvParts(columns: readonly (keyof UsageRow)[], parts: AsyncIterable<readonly UsageRow[]>) {
  const options = { columns: [...columns], escape_formulas: true, record_delimiter: 'windows' };
  yield stringify([], { ...options, header: true });
  for await (const rows of parts) yield stringify([...rows], options);
}
