import { pino, type Logger } from 'pino';

export type { Logger };

/** Entries are written together once they fill this many bytes, or after this time: a write for each costs a busy process. */
const GATHER_BYTES = 4_096;
const GATHER_MS = 50;

/**
 * The structured log of one process, one JSON line an entry on standard output.
 * Secrets and prompts are never passed in; the redaction is a net below that rule.
 */
export function createLogger(processName: string, level: string): Logger {
  const output = pino.destination({ dest: 1, sync: true, minLength: GATHER_BYTES, periodicFlush: GATHER_MS });
  process.on('exit', () => {
    // Not flushSync: it tries for ever where nobody reads the output any more.
    output.flush();
  });
  const options = {
    level,
    base: { process: processName, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: ['*.authorization', '*.messages', '*.content', '*.secret', '*.credential', '*.joinToken'],
  };
  return pino(options, output);
}
