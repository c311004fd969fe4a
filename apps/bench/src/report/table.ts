import type { ContenderName } from '../contender.js';
import { isReached, type Row, type Target } from './row.js';

/** Plain text with aligned columns; the target is one for millrace. */
export function renderTable(rows: readonly Row[], contenders: readonly ContenderName[]): string {
  const header = ['', 'unit', ...contenders, 'target', ''];
  const lines = [header, ...rows.map((row) => cellsOf(row, contenders))];
  const widths = header.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  return lines.map((cells) => alignedLine(cells, widths)).join('\n');
}

function cellsOf({ figure, unit, values, target }: Row, contenders: readonly ContenderName[]): string[] {
  const numbers = contenders.map((name) => numberText(values[name]));
  const verdict = target === undefined || values.millrace === undefined ? '' : verdictOf(values.millrace, target);
  return [figure, unit, ...numbers, targetText(target), verdict];
}

function verdictOf(value: number, target: Target): string {
  return isReached(value, target) ? 'reached' : 'not reached';
}

/** Text to the left, numbers to the right. */
function alignedLine(cells: readonly string[], widths: readonly number[]): string {
  const isText = (column: number) => column < 2 || column === cells.length - 1;
  const padded = cells.map((cell, column) => {
    const width = widths[column] ?? 0;
    return isText(column) ? cell.padEnd(width) : cell.padStart(width);
  });
  return padded.join('  ').trimEnd();
}

function targetText(target: Target | undefined): string {
  if (target === undefined) return '';
  return 'atMost' in target ? `≤ ${String(target.atMost)}` : `≥ ${String(target.atLeast)}`;
}

/** Three digits that count, and whole numbers from 100. */
function numberText(value: number | undefined): string {
  if (value === undefined) return '';
  if (!Number.isFinite(value)) return '?';
  if (Math.abs(value) >= 100) return String(Math.round(value));
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}
