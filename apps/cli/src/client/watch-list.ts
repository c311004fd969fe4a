import { followEvents } from './admin-api/follow-events.js';
import type { Received } from './admin-api/admin-api.js';
import type { List } from './admin-api/lists.js';
import type { Client } from './client-command.js';
import { ServerAway, WrongKindOfKey } from './client-error.js';
import { ListScreen } from './output/list-screen.js';
import type { Column } from './output/table.js';

/** A list that is shown for as long as somebody looks. */
export interface WatchedList<Row> {
  columns: readonly Column<Row>[];
  idOf: (row: Row) => string;
  read: () => Promise<Received<List<Row>>>;
  /** How often it is read even when nothing is told: not all that a list shows is told. */
  everyMs?: number;
}

const EVERY_MS = 5_000;
/** Events that come together are one change. */
const TOGETHER_MS = 100;

/**
 * Shows a list, and again whenever something happens at the server, until the person has seen enough. A server that is
 * away for a while is waited for. Throws ClientError when the list cannot be read at first, or is refused.
 */
export async function watchList<Row>(client: Client, watched: WatchedList<Row>): Promise<void> {
  const { terminal, api } = client;
  const signal = terminal.enough();
  const screen = new ListScreen(client, watched);
  screen.show(await watched.read());
  const changes = new Changes(watched.everyMs ?? EVERY_MS, signal);
  let isAway = false;
  const away = () => {
    if (!isAway) terminal.note('The connection is lost; trying again.');
    isAway = true;
  };
  const following = (async () => {
    for await (const _ of followEvents(api, { signal, onBroken: away })) changes.tell();
  })().catch((error: unknown) => {
    // Whoever may not watch events looks again and again instead.
    if (!(error instanceof WrongKindOfKey)) changes.fail(error);
  });
  while (await changes.next()) {
    try {
      screen.show(await watched.read());
      isAway = false;
    } catch (error) {
      if (!(error instanceof ServerAway)) throw error;
      away();
    }
  }
  await following;
}

/** When to look again. */
class Changes {
  private told = false;
  private failure: unknown;
  private wake: () => void = () => undefined;

  constructor(
    private readonly everyMs: number,
    private readonly signal: AbortSignal,
  ) {
    signal.addEventListener('abort', () => this.wake());
  }

  tell(): void {
    this.told = true;
    this.wake();
  }

  fail(error: unknown): void {
    this.failure = error;
    this.wake();
  }

  /** False when it is enough. */
  async next(): Promise<boolean> {
    if (!this.told) await this.woken(this.everyMs);
    await this.pause(TOGETHER_MS);
    this.told = false;
    if (this.failure !== undefined) throw this.failure as Error;
    return !this.signal.aborted;
  }

  private async woken(withinMs: number): Promise<void> {
    if (this.signal.aborted || this.failure !== undefined) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = () => undefined;
  }

  private async pause(milliseconds: number): Promise<void> {
    if (!this.signal.aborted) await new Promise((resolve) => setTimeout(resolve, milliseconds));
  }
}
