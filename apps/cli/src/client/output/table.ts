import Table from 'cli-table3';

/** A column of a list; also a line of a single resource. */
export interface Column<Row> {
  title: string;
  /** What stands there; an empty text is shown as a dash. */
  cell: (row: Row) => string;
  align?: 'right';
}

const BORDERS = ['top', 'bottom', 'left', 'right', 'mid'] as const;
const JUNCTIONS = ['top-mid', 'top-left', 'top-right', 'bottom-mid', 'bottom-left', 'bottom-right'] as const;
const INNER = ['left-mid', 'mid-mid', 'right-mid'] as const;

/** No lines, and two spaces between columns: narrow, and easy to cut. */
const PLAIN = {
  chars: {
    ...Object.fromEntries([...BORDERS, ...JUNCTIONS, ...INNER].map((name) => [name, ''])),
    middle: '  ',
  },
  style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
};

/** Rows below titles in capitals. Ends with a new line. */
export function tableOf<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const table = new Table({
    ...PLAIN,
    head: columns.map(({ title }) => title.toUpperCase()),
    colAligns: columns.map(({ align }) => align ?? 'left'),
  });
  for (const row of rows) table.push(columns.map(({ cell }) => cell(row) || '-'));
  return withoutTrailingSpace(table.toString());
}

/** One resource: a line for each of its fields. Ends with a new line. */
export function sheetOf<Row>(fields: readonly Column<Row>[], row: Row): string {
  const table = new Table(PLAIN);
  for (const { title, cell } of fields) table.push([title, cell(row) || '-']);
  return withoutTrailingSpace(table.toString());
}

function withoutTrailingSpace(text: string): string {
  return `${text.replaceAll(/ +$/gm, '')}\n`;
}
