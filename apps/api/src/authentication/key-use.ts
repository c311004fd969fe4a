/** Notes when keys were last used. Implemented by TenancyStore. */
export interface KeyUseStore {
  /** Only ever moves an instant forward; keys that are gone are left out. */
  noteKeyUse(uses: readonly { keyId: string; usedAtMs: number }[]): Promise<void>;
}

const WRITE_EVERY_MS = 30_000;

/** Remembers the keys that were used and writes that down every half minute, in one statement, off the request path. */
export class KeyUse {
  private lastUseMs = new Map<string, number>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly store: KeyUseStore,
    private readonly onError: (error: unknown, what: string) => void,
  ) {
    this.timer = setInterval(() => void this.write(), WRITE_EVERY_MS).unref();
  }

  note(keyId: string, nowMs: number): void {
    this.lastUseMs.set(keyId, nowMs);
  }

  /** Writes what is left and ends. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.write();
  }

  /** What cannot be written is left out: the next use of the key tells it again. */
  private async write(): Promise<void> {
    const uses = [...this.lastUseMs].map(([keyId, usedAtMs]) => ({ keyId, usedAtMs }));
    this.lastUseMs = new Map();
    if (uses.length === 0) return;
    try {
      await this.store.noteKeyUse(uses);
    } catch (error) {
      this.onError(error, 'write down when keys were used');
    }
  }
}
