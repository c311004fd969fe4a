import { openLink, type RunnerLink } from '@millrace/adapters/token-stream';
import type { ApiProcess, OwnerEvent, RunnerEvent } from '@millrace/contracts/runner-protocol';
import { UnacknowledgedEnds } from './unacknowledged-ends.js';

const REDIAL_FIRST_MS = 100;
const REDIAL_LAST_MS = 2_000;
/** How often ends that nobody has acknowledged are told again. */
const TELL_ORPHANED_MS = 1_000;

/** What one attempt wants to hear from its owner. */
export interface AttemptListener {
  onEvent(event: NonNullable<OwnerEvent['event']>): void;
  /** The link is gone: the owner has raised the attempt, so this one is to end without a word. */
  onDown(): void;
}

/** A link that is up. */
export interface OwnerConnection {
  send(event: NonNullable<RunnerEvent['event']>): void;
  /**
   * Routes the owner's events about this attempt; returns how to stop listening. Undefined when somebody listens
   * already: one runner never works twice on one attempt. A link that is down meanwhile says so at once.
   */
  listen(attempt: { jobId: string; attempt: number }, listener: AttemptListener): (() => void) | undefined;
}

interface OwnerEntry {
  address: string;
  link: RunnerLink | undefined;
  connection: OwnerConnection | undefined;
  listeners: Map<string, AttemptListener>;
  waiters: Set<(connection: OwnerConnection) => void>;
  redialMs: number;
  /** Its outage has been told. */
  isTold: boolean;
  timer: NodeJS.Timeout | undefined;
}

/**
 * One link to every API process the scheduler names. Owns the links and redials them; an owner that the
 * directory no longer names keeps its link until the link itself breaks, for Redis may only have hiccuped. How an
 * attempt has ended is told to its owner or, while that is out of reach, to any other, until it is acknowledged.
 */
export class OwnerLinks {
  private readonly owners = new Map<string, OwnerEntry>();
  private readonly ends = new UnacknowledgedEnds();
  private readonly teller: NodeJS.Timeout;
  private timesTold = 0;
  private listed = new Set<string>();
  private closed = false;

  constructor(
    private readonly credential: string,
    /** Hears once that an owner is out of reach, however often dialling fails. */
    private readonly onTrouble: (owner: string, reason: string) => void,
    /** Hears that the owner is linked again. */
    private readonly onBack: (owner: string) => void = () => undefined,
  ) {
    this.teller = setInterval(() => {
      this.tellOrphaned();
    }, TELL_ORPHANED_MS).unref();
  }

  updateDirectory(processes: readonly ApiProcess[]): void {
    this.listed = new Set(processes.map(({ owner }) => owner));
    for (const { owner, address } of processes) {
      const entry = this.entryOf(owner, address);
      if (entry.link === undefined && entry.timer === undefined) this.dial(owner, entry);
    }
  }

  /** Whether the owner may still be alive, as far as the scheduler knows. */
  isListed(owner: string): boolean {
    return this.listed.has(owner);
  }

  /** Owners that are linked, and those that are listed and not. */
  count(): { up: number; down: number } {
    const up = [...this.owners.values()].filter(({ connection }) => connection !== undefined).length;
    const down = [...this.listed].filter((owner) => this.owners.get(owner)?.connection === undefined).length;
    return { up, down };
  }

  /** The link to an owner, or undefined when there is none within the time. */
  async connectionTo(owner: string, withinMs: number): Promise<OwnerConnection | undefined> {
    const entry = this.entryOf(owner);
    if (entry.connection) return entry.connection;
    return new Promise((resolve) => {
      const onUp = (connection: OwnerConnection): void => {
        clearTimeout(timer);
        resolve(connection);
      };
      const timer = setTimeout(() => {
        entry.waiters.delete(onUp);
        this.forgetIfUnused(owner, entry);
        resolve(undefined);
      }, withinMs);
      entry.waiters.add(onUp);
    });
  }

  close(): void {
    this.closed = true;
    clearInterval(this.teller);
    for (const { link, timer } of this.owners.values()) {
      clearTimeout(timer);
      link?.close();
    }
  }

  /** A ticket may name an owner before the directory does: then the address comes later. */
  private entryOf(owner: string, address = ''): OwnerEntry {
    const known = this.owners.get(owner);
    if (known) {
      if (address !== '') known.address = address;
      return known;
    }
    const entry: OwnerEntry = {
      address,
      link: undefined,
      connection: undefined,
      listeners: new Map(),
      waiters: new Set(),
      redialMs: REDIAL_FIRST_MS,
      isTold: false,
      timer: undefined,
    };
    this.owners.set(owner, entry);
    return entry;
  }

  private dial(owner: string, entry: OwnerEntry): void {
    const { address } = entry;
    entry.link = openLink(
      { address, credential: this.credential },
      {
        onUp: (answering) => {
          if (answering === owner) this.goUp(owner, entry);
          else entry.link?.close();
        },
        onEvent: (event) => {
          if (event.$case === 'acknowledge') this.ends.acknowledge(event.value);
          route(entry, event);
        },
        onDown: (reason) => {
          this.goDown(owner, entry, reason);
        },
      },
    );
  }

  private goUp(owner: string, entry: OwnerEntry): void {
    const { link, listeners, waiters } = entry;
    if (link === undefined) return;
    entry.redialMs = REDIAL_FIRST_MS;
    if (entry.isTold) this.onBack(owner);
    entry.isTold = false;
    const connection: OwnerConnection = {
      send: (event) => {
        const isEnd = event.$case === 'finished' || event.$case === 'failed';
        // An owner that has come back on another link goes on without this attempt.
        if (isEnd && (entry.connection ?? connection) === connection) this.ends.add(owner, event.value);
        link.send(event);
      },
      listen: (attempt, listener) => {
        const key = attemptKey(attempt);
        if (listeners.has(key)) return undefined;
        listeners.set(key, listener);
        if (entry.connection !== connection) listener.onDown();
        return () => listeners.delete(key);
      },
    };
    this.ends.ownerIsBack(owner);
    entry.connection = connection;
    for (const waiter of waiters) waiter(connection);
    waiters.clear();
    this.tellOrphaned();
  }

  /** Tells them to one API process after the other, since one of an older version does not understand it. */
  private tellOrphaned(): void {
    const orphaned = this.ends.orphaned((owner) => this.owners.get(owner)?.connection !== undefined);
    const up = [...this.owners.values()].flatMap(({ connection }) => connection ?? []);
    if (orphaned.length === 0 || up.length === 0) return;
    this.timesTold += 1;
    const chosen = up[this.timesTold % up.length];
    for (const value of orphaned) chosen?.send({ $case: 'orphaned', value });
  }

  private goDown(owner: string, entry: OwnerEntry, reason: string): void {
    entry.link = undefined;
    entry.connection = undefined;
    const listeners = [...entry.listeners.values()];
    entry.listeners = new Map();
    for (const listener of listeners) listener.onDown();
    if (this.closed) return;
    if (!entry.isTold) this.onTrouble(owner, reason);
    entry.isTold = true;
    if (!this.listed.has(owner)) {
      this.forgetIfUnused(owner, entry);
      return;
    }
    entry.timer = setTimeout(() => {
      entry.timer = undefined;
      if (this.listed.has(owner)) this.dial(owner, entry);
      else this.forgetIfUnused(owner, entry);
    }, entry.redialMs);
    entry.redialMs = Math.min(entry.redialMs * 2, REDIAL_LAST_MS);
  }

  private forgetIfUnused(owner: string, entry: OwnerEntry): void {
    if (entry.link === undefined && entry.waiters.size === 0 && !this.listed.has(owner)) this.owners.delete(owner);
  }
}

function route(entry: OwnerEntry, event: NonNullable<OwnerEvent['event']>): void {
  if (event.$case === 'beat' || event.$case === 'welcome') return;
  entry.listeners.get(attemptKey(event.value))?.onEvent(event);
}

function attemptKey({ jobId, attempt }: { jobId: string; attempt: number }): string {
  return `${jobId}-${String(attempt)}`;
}
