import { InvalidArgumentError } from 'commander';

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** Stands for "take this value away", as commander makes an empty text of null. */
export const CLEARED = Symbol('cleared');
export type Cleared = typeof CLEARED;

/** How many entries of a list, as many as the server gives at once. */
export function listLimit(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= 100) return value;
  throw new InvalidArgumentError('It takes a whole number from 1 to 100; --all shows every one.');
}

/** The version of a resource. */
export function version(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It takes the version that the get command shows, a whole number.');
}

/** A time to wait, in seconds. */
export function seconds(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 86_400) return value;
  throw new InvalidArgumentError('It takes a number of seconds, at most 86400.');
}

/** A positive number. */
export function positive(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('It takes a number above 0.');
}

/** A limit; `none` takes it away. */
export function limit(text: string): number | Cleared {
  if (text === 'none') return CLEARED;
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('It takes a whole number, or none for no limit.');
}

/** A whole number, also below 0. */
export function integer(text: string): number {
  if (/^-?\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It takes a whole number.');
}

/** A text; `none` takes it away. */
export function textOrNone(text: string): string | Cleared {
  if (text === 'none') return CLEARED;
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('It takes a text, or none.');
}

/** Names between commas. */
export function names(text: string): string[] {
  const all = text.split(',').map((name) => name.trim());
  if (all.every((name) => name !== '')) return all;
  throw new InvalidArgumentError('It takes names with commas between them, like one,two.');
}

/** Names between commas; `none` is no name. */
export function namesOrNone(text: string): string[] {
  return text === 'none' ? [] : names(text);
}

/** Names of models between commas; `any` takes the list away. */
export function models(text: string): string[] | Cleared {
  return text === 'any' ? CLEARED : names(text);
}

/** Labels of the form k=v with commas between them; `k=` takes one away, `none` all. */
export function labels(text: string): Record<string, string | Cleared> | Cleared {
  if (text === 'none') return CLEARED;
  const pairs = names(text).map((pair) => /^([^=]+)=([^=]*)$/.exec(pair));
  if (pairs.includes(null))
    throw new InvalidArgumentError('It takes labels like zone=a,tier=gold; zone= takes one away.');
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] || CLEARED]));
}

/** A JSON object. */
export function jsonObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below, as for every other text that is no object.
  }
  throw new InvalidArgumentError('It takes a JSON object, like \'{"temperature":0.2}\'.');
}

/** A JSON object; `none` takes it away. Its null takes away what it names. */
export function jsonObjectOrNone(text: string): Record<string, unknown> | Cleared {
  return text === 'none' ? CLEARED : jsonObject(text);
}

/** A length of time, in seconds. */
export function lengthInSeconds(text: string): number {
  if (text === '0') return 0;
  const lengthMs = lengthMsOf(text);
  if (lengthMs !== undefined) return lengthMs / 1_000;
  throw new InvalidArgumentError('It takes a length of time, like 30m, 12h, 7d, or 0.');
}

/** An instant to come: a date, an RFC 3339 time, or a length of time from now on (`90d`). */
export function instantAhead(text: string): string {
  return instant(text, Date.now(), 1);
}

/** As instantAhead, where `never` takes the instant away. */
export function instantAheadOrNever(text: string): string | Cleared {
  return text === 'never' ? CLEARED : instantAhead(text);
}

/** An instant that has been: a date, an RFC 3339 time, or how long ago (`7d`). */
export function instantBefore(text: string): string {
  return instant(text, Date.now(), -1);
}

/** RFC 3339 in UTC. A date alone is its beginning there. */
function instant(text: string, nowMs: number, direction: 1 | -1): string {
  const lengthMs = lengthMsOf(text);
  if (lengthMs !== undefined) return new Date(nowMs + direction * lengthMs).toISOString();
  const date = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/i.exec(text)?.[1];
  const read = new Date(text);
  if (date !== undefined && isInCalendar(date) && !Number.isNaN(read.getTime())) return read.toISOString();
  throw new InvalidArgumentError(
    'It takes a date (2026-12-31), a time with its zone (2026-12-31T18:00:00Z) or a length of time (30m, 12h, 90d).',
  );
}

/** JavaScript takes 2030-02-30 for the second of March. */
function isInCalendar(date: string): boolean {
  const read = new Date(date);
  return !Number.isNaN(read.getTime()) && read.toISOString().startsWith(date);
}

function lengthMsOf(text: string): number | undefined {
  const length = /^(\d{1,6})([mhdw])$/.exec(text);
  return length === null ? undefined : Number(length[1]) * UNIT_MS[length[2] as keyof typeof UNIT_MS];
}
