import { limitsCell } from '../commands/limits.js';
import { modelsCell, numberCell, textCell, timeCell } from './cells.js';
import { printable, printableLines } from './printable.js';
import { sheetOf, tableOf, type Column } from './table.js';

interface Row {
  name: string;
  count: number;
}
const columns: Column<Row>[] = [
  { title: 'name', cell: ({ name }) => name },
  { title: 'tokens', align: 'right', cell: ({ count }) => numberCell(count) },
];

describe('a table', () => {
  it('has titles in capitals, a line for each row, two spaces between columns and none at the end', () => {
    const rows = [
      { name: 'acme', count: 1_234_567 },
      { name: '', count: 5 },
    ];
    expect(tableOf(columns, rows)).toBe('NAME     TOKENS\nacme  1,234,567\n-             5\n');
    expect(tableOf([...columns].reverse(), rows)).toBe('   TOKENS  NAME\n1,234,567  acme\n        5  -\n');
  });

  it('keeps its columns below each other with wide characters', () => {
    const [first, second] = tableOf(columns, [{ name: '東京', count: 5 }]).split('\n');
    expect([first, second]).toEqual(['NAME  TOKENS', '東京       5']);
  });
});

describe('one resource', () => {
  it('has a line for each field, and further lines of a text below its first', () => {
    expect(sheetOf(columns, { name: 'one\ntwo', count: 5 })).toBe('name    one\n        two\ntokens  5\n');
  });
});

describe('a cell', () => {
  it('shows an instant to the second, in UTC', () => {
    expect(timeCell('2026-11-25T18:34:05.678+02:00')).toBe('2026-11-25 16:34:05');
    expect(timeCell(null)).toBe('');
    expect(timeCell('soon')).toBe('soon');
  });

  it('says limits in words', () => {
    expect(limitsCell({ requestsPerMinute: 60, tokensPerMonth: 5_000_000, maxConcurrent: null })).toBe(
      '60 requests/min, 5,000,000 tokens/month',
    );
    expect(limitsCell({ maxConcurrent: 0 })).toBe('0 at once');
    expect(limitsCell(null)).toBe('none');
  });

  it('tells every model from none', () => {
    expect([modelsCell(null), modelsCell([]), modelsCell(['one', 'two'])]).toEqual(['any', 'none', 'one, two']);
  });

  it('lets no text of others reach the terminal as a command', () => {
    expect(textCell('a\u001b[2Jb\r\nc\u202ed')).toBe('a [2Jb c d');
    expect(printable(' \u0007 x \u0085 ')).toBe('x');
    expect(printableLines('one\u001b[31m\r\ntwo\ttabs')).toBe('one [31m\ntwo tabs');
  });
});
