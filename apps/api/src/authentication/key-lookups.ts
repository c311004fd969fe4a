import type { ApiKeyRecord } from '@millrace/domain/tenancy';
import type { KeySource } from './api-key-authenticator.js';

/** Where keys come from, many at a time. Implemented by TenancyStore. */
export interface KeyStore {
  /** The keys that there are, by hash. */
  findApiKeys(secretHashes: readonly string[]): Promise<ReadonlyMap<string, ApiKeyRecord>>;
}

const MOST_A_QUERY = 500;
/** While Postgres does not answer, those who ask leave after 2 s, and what they asked for stays. */
const MOST_WAITING = 5_000;

interface Lookup {
  secretHash: string;
  resolve: (record: ApiKeyRecord | undefined) => void;
  reject: (error: unknown) => void;
}

/**
 * Asks for keys with one query at a time: those that are wanted meanwhile share the next one. So a flood of unknown
 * keys takes one connection of the database and not all of them, and a valid key waits for one query at most before
 * its own.
 */
export class KeyLookups implements KeySource {
  private waiting: Lookup[] = [];
  private isAsking = false;

  constructor(private readonly store: KeyStore) {}

  findApiKey(secretHash: string): Promise<ApiKeyRecord | undefined> {
    if (this.waiting.length >= MOST_WAITING) return Promise.reject(new Error('Too many keys wait to be looked up.'));
    return new Promise((resolve, reject) => {
      this.waiting.push({ secretHash, resolve, reject });
      if (!this.isAsking) void this.askUntilNoneWaits();
    });
  }

  private async askUntilNoneWaits(): Promise<void> {
    this.isAsking = true;
    while (this.waiting.length > 0) await this.ask(this.waiting.splice(0, MOST_A_QUERY));
    this.isAsking = false;
  }

  private async ask(lookups: readonly Lookup[]): Promise<void> {
    try {
      const records = await this.store.findApiKeys(lookups.map(({ secretHash }) => secretHash));
      for (const { secretHash, resolve } of lookups) resolve(records.get(secretHash));
    } catch (error) {
      for (const { reject } of lookups) reject(error);
    }
  }
}
