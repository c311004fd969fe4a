import type { Received } from '../admin-api/admin-api.js';
import type { List } from '../admin-api/lists.js';
import type { Client } from '../client-command.js';
import { sheetOf, tableOf, type Column } from './table.js';

/** Prints what the server answered, as a table or with `--json` in its own words. */
export function showList<Row>(
  { terminal, json }: Client,
  columns: readonly Column<Row>[],
  { text, body }: Received<List<Row>>,
): void {
  if (json) return terminal.print(asLines(text));
  if (body.data.length === 0) return terminal.note('There are none.');
  terminal.print(tableOf(columns, body.data));
  if (body.hasMore) terminal.note('There are more: --all shows them.');
}

/** Prints one resource. */
export function showOne<Row>(
  { terminal, json }: Client,
  fields: readonly Column<Row>[],
  { text, body }: Received<Row>,
): void {
  terminal.print(json ? asLines(text) : sheetOf(fields, body));
}

/** Prints what was made with a secret, which stands alone on standard output: so it can be kept without being seen. */
export function showSecret<Row extends { secret: string }>(
  { terminal, json }: Client,
  fields: readonly Column<Row>[],
  { text, body }: Received<Row>,
): void {
  if (json) return terminal.print(asLines(text));
  terminal.note(`${sheetOf(fields, body)}\nThe secret, which is not shown again:`);
  terminal.print(`${body.secret}\n`);
}

/** The server's words, ended by a new line. */
export function asLines(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
