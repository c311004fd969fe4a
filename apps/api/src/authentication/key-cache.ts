import type { ApiKeyRecord } from '@millrace/domain/tenancy';

/** What was found for a hash; `record` is undefined when no such key exists. */
export interface CachedKey {
  readonly record: ApiKeyRecord | undefined;
  readonly freshUntilMs: number;
}

const POSITIVE_MS = 60_000;
const NEGATIVE_MS = 5_000;
const MOST_KEYS = 10_000;
const MOST_UNKNOWN = 1_000;

/**
 * Keys by hash, bounded: those that exist for 60 s, hashes that named no key for 5 s.
 * The two are kept apart, so that guessing keys never displaces real ones. Owned by the authenticator.
 */
export class KeyCache {
  private readonly found = new Map<string, CachedKey>();
  private readonly unknown = new Map<string, CachedKey>();

  get(hash: string): CachedKey | undefined {
    return this.found.get(hash) ?? this.unknown.get(hash);
  }

  put(hash: string, record: ApiKeyRecord | undefined, nowMs: number): void {
    this.forget(hash);
    if (record === undefined) {
      makeRoom(this.unknown, MOST_UNKNOWN);
      this.unknown.set(hash, { record, freshUntilMs: nowMs + NEGATIVE_MS });
    } else {
      makeRoom(this.found, MOST_KEYS);
      this.found.set(hash, { record, freshUntilMs: nowMs + POSITIVE_MS });
    }
  }

  /** Lets an entry count as fresh a little longer, while nothing better can be had. */
  extend(hash: string, freshUntilMs: number): void {
    const entry = this.found.get(hash);
    if (entry !== undefined) this.found.set(hash, { ...entry, freshUntilMs });
  }

  /** Every key is to be looked up again, but may still serve when that is impossible. */
  expireAll(): void {
    this.unknown.clear();
    for (const [hash, entry] of this.found) this.found.set(hash, { ...entry, freshUntilMs: 0 });
  }

  /** Nothing known so far may serve again: keys were changed. */
  clear(): void {
    this.found.clear();
    this.unknown.clear();
  }

  private forget(hash: string): void {
    this.found.delete(hash);
    this.unknown.delete(hash);
  }
}

/** The entry put longest ago goes. */
function makeRoom(entries: Map<string, CachedKey>, most: number): void {
  if (entries.size < most) return;
  const oldest = entries.keys().next();
  if (oldest.done !== true) entries.delete(oldest.value);
}
