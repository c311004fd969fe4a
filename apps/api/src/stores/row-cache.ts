/** What was found for a key; `row` is undefined when there is none. */
export interface CachedRow<Row> {
  readonly row: Row | undefined;
  readonly freshUntilMs: number;
}

/** Which rows were changed: those with these keys, or all that a condition names; neither: every row. */
export interface RowsChange<Row> {
  keys?: readonly string[] | undefined;
  where?: ((row: Row) => boolean) | undefined;
}

const POSITIVE_MS = 60_000;
const NEGATIVE_MS = 5_000;
const MOST_UNKNOWN = 1_000;

/**
 * Rows by key, bounded: those that exist for 60 s, keys that named none for 5 s.
 * The two are kept apart, so that guessing never displaces what is real. Owned by RememberedRows.
 */
export class RowCache<Row> {
  private readonly found = new Map<string, CachedRow<Row>>();
  private readonly unknown = new Map<string, CachedRow<Row>>();

  /** @param most rows that exist, at once */
  constructor(private readonly most: number) {}

  get(key: string): CachedRow<Row> | undefined {
    return this.found.get(key) ?? this.unknown.get(key);
  }

  put(key: string, row: Row | undefined, nowMs: number): void {
    this.drop(key);
    if (row === undefined) {
      makeRoom(this.unknown, MOST_UNKNOWN);
      this.unknown.set(key, { row, freshUntilMs: nowMs + NEGATIVE_MS });
    } else {
      makeRoom(this.found, this.most);
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

  /** What is known of changed rows may not serve again. */
  forget({ keys, where }: RowsChange<Row>): void {
    for (const key of keys ?? []) this.drop(key);
    if (keys !== undefined) return;
    this.unknown.clear();
    for (const [key, { row }] of this.found) {
      if (row === undefined || where === undefined || where(row)) this.found.delete(key);
    }
  }

  private drop(key: string): void {
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
