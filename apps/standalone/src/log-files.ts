import { join } from 'node:path';
import { createStream } from 'rotating-file-stream';
import type { Home } from './home.js';

/** Of each process: the current file and four older ones, 10 MB each. */
const ROTATION = { size: '10M', rotate: 4, mode: 0o600 } as const;

/** A log that takes text and never fails its writer. */
export type LogFile = (text: string | Uint8Array) => void;

/** The logs of one installation, one for each process, in its home. */
export class InstallationLogs {
  constructor(
    private readonly home: Home,
    private readonly onTrouble: (message: string) => void,
  ) {}

  /** Where a person finds that log. */
  pathOf(name: string): string {
    return join(this.home.logs, `${name}.log`);
  }

  open(name: string): LogFile {
    const stream = createStream(`${name}.log`, { path: this.home.logs, ...ROTATION });
    let broken = false;
    // A full disk must not stop what is logged; a person is told once.
    stream.on('error', (error) => {
      if (!broken) this.onTrouble(`The log of ${name} cannot be written: ${error.message}`);
      broken = true;
    });
    return (text) => {
      if (!broken) stream.write(text);
    };
  }
}
