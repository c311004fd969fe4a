const PARTS: Readonly<Record<string, (time: Date) => string>> = {
  Y: (time) => String(time.getUTCFullYear()),
  y: (time) => twoDigits(time.getUTCFullYear() % 100),
  m: (time) => twoDigits(time.getUTCMonth() + 1),
  d: (time) => twoDigits(time.getUTCDate()),
  e: (time) => String(time.getUTCDate()).padStart(2, ' '),
  j: (time) => String(dayOfYear(time)).padStart(3, '0'),
  H: (time) => twoDigits(time.getUTCHours()),
  I: (time) => twoDigits(((time.getUTCHours() + 11) % 12) + 1),
  M: (time) => twoDigits(time.getUTCMinutes()),
  S: (time) => twoDigits(time.getUTCSeconds()),
  p: (time) => (time.getUTCHours() < 12 ? 'AM' : 'PM'),
  B: (time) => name(time, { month: 'long' }),
  b: (time) => name(time, { month: 'short' }),
  A: (time) => name(time, { weekday: 'long' }),
  a: (time) => name(time, { weekday: 'short' }),
  Z: () => 'UTC',
  z: () => '+0000',
  '%': () => '%',
};

/** Python's strftime for the letters that chat templates use, in UTC and English; other letters stay as they are. */
export function formatTime(timeMs: number, format: string): string {
  const time = new Date(timeMs);
  return format.replace(/%(-?)([A-Za-z%])/g, (whole, dash: string, letter: string) => {
    const part = PARTS[letter]?.(time);
    if (part === undefined) return whole;
    return dash === '-' ? part.replace(/^[0 ]+(?=.)/, '') : part;
  });
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

function dayOfYear(time: Date): number {
  const newYear = Date.UTC(time.getUTCFullYear(), 0, 1);
  return Math.floor((time.getTime() - newYear) / 86_400_000) + 1;
}

function name(time: Date, part: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat('en-US', { ...part, timeZone: 'UTC' }).format(time);
}
