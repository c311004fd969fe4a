import type { Received } from '../admin-api/admin-api.js';
import type { List } from '../admin-api/lists.js';
import type { Client } from '../client-command.js';
import { asLines } from './show.js';
import { tableOf, type Column } from './table.js';

export interface ListScreenOptions<Row> {
  columns: readonly Column<Row>[];
  idOf: (row: Row) => string;
}

/** To the top left, and nothing behind it. */
const CLEAR = '\u001b[H\u001b[2J';

/**
 * A list that changes: drawn anew on the screen of a person; elsewhere a line for each row that is new, has changed or
 * is gone; with `--json` a line for each answer that differs from the one before.
 */
export class ListScreen<Row> {
  private lines: ReadonlyMap<string, string> | undefined;
  private shown = '';

  constructor(
    private readonly client: Pick<Client, 'terminal' | 'json'>,
    private readonly options: ListScreenOptions<Row>,
  ) {}

  show({ text, body }: Received<List<Row>>): void {
    const { terminal, json } = this.client;
    if (json) return this.showChanged(JSON.stringify(JSON.parse(text)));
    const table = tableOf(this.options.columns, body.data);
    if (terminal.screen) return this.showChanged(table, CLEAR);
    this.appendChanges(table, body.data);
  }

  private showChanged(text: string, before = ''): void {
    if (text === this.shown) return;
    this.shown = text;
    this.client.terminal.print(before + asLines(text));
  }

  private appendChanges(table: string, rows: readonly Row[]): void {
    const { terminal } = this.client;
    const [head = '', ...cells] = table.trimEnd().split('\n');
    const lines = new Map(rows.map((row, index) => [this.options.idOf(row), cells[index] ?? '']));
    const before = this.lines;
    this.lines = lines;
    if (before === undefined) terminal.print(asLines(head));
    for (const [id, line] of lines) if (squeezed(before?.get(id)) !== squeezed(line)) terminal.print(asLines(line));
    for (const id of before?.keys() ?? []) if (!lines.has(id)) terminal.print(asLines(`gone: ${id}`));
  }
}

/** Columns grow with what other rows hold, which is no change of this one. */
function squeezed(line: string | undefined): string | undefined {
  return line?.replaceAll(/ +/g, ' ');
}
