import { once } from 'node:events';
import { join } from 'node:path';
import { createStream, type RotatingFileStream } from 'rotating-file-stream';
import type { Home } from './home.js';

/** Of each process: the current file and four older ones, 10 MB each. */
const ROTATION = { size: '10M', rotate: 4, mode: 0o600 } as const;
/** After a log could not be written; what comes meanwhile is lost. */
const REOPEN_AFTER_MS = 30_000;
const CLOSE_LIMIT_MS = 500;

/** Takes text for a log and never fails its writer. */
export type LogFile = (text: string | Uint8Array) => void;

/** The logs of one installation, one for each process, in its home. */
export class InstallationLogs {
  private readonly streams = new Map<string, RotatingFileStream>();

  constructor(
    private readonly home: Home,
    private readonly onTrouble: (message: string) => void,
  ) {}

  /** Where a person finds that log. */
  pathOf(name: string): string {
    return join(this.home.logs, `${name}.log`);
  }

  /** A full disk does not stop what is logged: a person is told, and the log goes on when there is room again. */
  writer(name: string): LogFile {
    let brokenAtMs = -Infinity;
    const reopen = () => {
      const stream = createStream(`${name}.log`, { path: this.home.logs, ...ROTATION });
      this.streams.set(name, stream);
      stream.on('error', (error) => {
        if (this.streams.get(name) !== stream) return;
        this.streams.delete(name);
        brokenAtMs = performance.now();
        this.onTrouble(`The log of ${name} cannot be written: ${error.message}`);
      });
      return stream;
    };
    reopen();
    return (text) => {
      const stream = this.streams.get(name);
      if (stream !== undefined) stream.write(text);
      else if (performance.now() - brokenAtMs >= REOPEN_AFTER_MS) reopen().write(text);
    };
  }

  /** Writes what is pending, for half a second at most. */
  async close(): Promise<void> {
    const limit = AbortSignal.timeout(CLOSE_LIMIT_MS);
    const open = [...this.streams.values()];
    this.streams.clear();
    // What a disk does not take in time is lost with the process, which must not hang on it.
    await Promise.all(open.map((stream) => once(stream.end(), 'finish', { signal: limit }).catch(() => undefined)));
  }
}
