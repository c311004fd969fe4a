/** What was found for a key; `row` is undefined when there is none. */
export interface CachedRow<Row> {
  readonly row: Row | undefined;
  readonly freshUntilMs: number;
}

const POSITIVE_MS = 60_000;
const NEGATIVE_MS = 5_000;
const MOST_FOUND = 10_000;
const MOST_UNKNOWN = 1_000;

/**
 * Rows by key, bounded: those that exist for 60 s, keys that named none for 5 s.
 * The two are kept apart, so that guessing never displaces what is real. Owned by RememberedRows.
 */
export class RowCache<Row> {
  private readonly found = new Map<string, CachedRow<Row>>();
  private readonly unknown = new Map<string, CachedRow<Row>>();

  get(key: string): CachedRow<Row> | undefined {
    return this.found.get(key) ?? this.unknown.get(key);
  }

  put(key: string, row: Row | undefined, nowMs: number): void {
    this.forget(key);
    if (row === undefined) {
      makeRoom(this.unknown, MOST_UNKNOWN);
      this.unknown.set(key, { row, freshUntilMs: nowMs + NEGATIVE_MS });
    } else {
      makeRoom(this.found, MOST_FOUND);
      this.found.set(key, { row, freshUntilMs: nowMs + POSITIVE_MS });
    }
  }

  /** Lets an entry count as fresh a little longer, while nothing better can be had. */
  extend(key: string, freshUntilMs: number): void {
    const entry = this.found.get(key);
    if (entry !== undefined) this.found.set(key, { ...entry, freshUntilMs });
  }

  /** Every row is to be looked up again, but may still serve when that is impossible. */
  expireAll(): void {
    this.unknown.clear();
    for (const [key, entry] of this.found) this.found.set(key, { ...entry, freshUntilMs: 0 });
  }

  /** Nothing known so far may serve again: rows were changed. */
  clear(): void {
    this.found.clear();
    this.unknown.clear();
  }

  /** Nothing known of this row may serve again. */
  forget(key: string): void {
    this.found.delete(key);
    this.unknown.delete(key);
  }
}

/** The entry put longest ago goes. */
function makeRoom(entries: Map<string, unknown>, most: number): void {
  if (entries.size < most) return;
  const oldest = entries.keys().next();
  if (oldest.done !== true) entries.delete(oldest.value);
}
