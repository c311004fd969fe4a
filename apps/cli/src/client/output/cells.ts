import { gibibytes } from '../../footprint/footprint-text.js';
import { printable, printableLines } from './printable.js';

const numbers = new Intl.NumberFormat('en');

/** RFC 3339 to the second, UTC: `2026-11-25 16:34:05`. */
export function timeCell(instant: string | null | undefined): string {
  if (instant === null || instant === undefined) return '';
  const read = new Date(instant);
  return Number.isNaN(read.getTime()) ? printable(instant) : read.toISOString().slice(0, 19).replace('T', ' ');
}

/** `12,345`. */
export function numberCell(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : numbers.format(value);
}

/** Text that a person chose. */
export function textCell(text: string | null | undefined): string {
  return printable(text ?? '');
}

/** Text of several lines that a person chose. */
export function linesCell(text: string | null | undefined): string {
  return printableLines(text ?? '');
}

/** Which models may be used; without a list all of them. */
export function modelsCell(allowedModels: readonly string[] | null | undefined): string {
  if (allowedModels === null || allowedModels === undefined) return 'any';
  return allowedModels.length === 0 ? 'none' : allowedModels.map(printable).join(', ');
}

/** What `disabled` means in one word. */
export function stateCell(disabled: boolean | null | undefined): string {
  return disabled === true ? 'disabled' : 'enabled';
}

/** Names with commas between them. */
export function namesCell(names: readonly string[] | null | undefined): string {
  return (names ?? []).map(printable).join(', ');
}

/** `zone=a, tier=gold`. */
export function pairsCell(pairs: Readonly<Record<string, string>> | null | undefined): string {
  return namesCell(Object.entries(pairs ?? {}).map(([name, value]) => `${name}=${value}`));
}

/** `23.60 GiB`. */
export function bytesCell(bytes: number | null | undefined): string {
  return bytes === null || bytes === undefined ? '' : gibibytes(bytes);
}
