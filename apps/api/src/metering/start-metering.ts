import type { Redis } from 'ioredis';
import type { UsageStore } from '@millrace/adapters/postgres';
import type { ApiMetrics } from '../metrics/api-metrics.js';
import { JournalAdopter } from './adopt-journals.js';
import { OrphanReports } from './keep-orphan-reports.js';
import { UsageBuffer } from './usage-buffer.js';
import { UsageJournal } from './usage-journal.js';
import { UsageRecorder } from './usage-recorder.js';

/** How often the journal is brought up to date, and so how much of an answer a crash of two processes can forget. */
const NOTE_MS = 2_000;
/** How often it is looked for journals whose process has died. */
const ADOPT_MS = 2_000;

export interface MeteringOptions {
  redis: Redis;
  /** Boot id of this process. */
  owner: string;
  usage: UsageStore;
  metrics: Pick<ApiMetrics, 'requestsAdopted'>;
  onError: (error: unknown, what: string) => void;
}

/** What a process meters with, running. */
export interface Metering {
  recorder: UsageRecorder;
  journal: UsageJournal;
  orphanReports: OrphanReports;
  rowsWaiting: { inMemory: () => number; inRedis: () => Promise<number> };
  /** Writes what is there and ends. */
  close(): Promise<void>;
}

/** Starts to write usage rows, to keep the journal of this process and to adopt those of dead ones. */
export function startMetering({ redis, owner, usage, metrics, onError }: MeteringOptions): Metering {
  const store: UsageStore['record'] = (rows) => usage.record(rows);
  const buffer = new UsageBuffer({ redis, owner, onError });
  const journal = new UsageJournal({ redis, owner, nowMs: Date.now });
  const recorder = new UsageRecorder({ store, buffer, journal, onError });
  const adopter = new JournalAdopter({
    ...{ redis, owner, store, nowMs: Date.now, onError },
    onAdopted: (requests) => metrics.requestsAdopted(requests),
  });
  const rewrite = (): void => {
    journal.rewrite();
  };
  rewrite();
  redis.on('ready', rewrite);
  const noting = setInterval(() => {
    journal.note();
  }, NOTE_MS);
  const adopting = setInterval(() => {
    adopter.look().catch((error: unknown) => {
      onError(error, 'adopt the open requests of processes that have died');
    });
  }, ADOPT_MS);
  return {
    recorder,
    journal,
    orphanReports: new OrphanReports({ redis, nowMs: Date.now, onError }),
    rowsWaiting: { inMemory: () => recorder.waiting, inRedis: () => buffer.length() },
    close: async () => {
      clearInterval(noting);
      clearInterval(adopting);
      redis.off('ready', rewrite);
      await recorder.close();
    },
  };
}
