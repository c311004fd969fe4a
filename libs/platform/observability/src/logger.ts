import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger };

/** What a failed statement was given and the rows that it names: prompts of agents, hashes of keys, encrypted answers. */
const ofDatabaseErrors = ['*.parameters', '*.detail', '*.where', '*.driverError'];

/**
 * The structured log of one process, one JSON line an entry on standard output unless there is another destination.
 * Secrets and prompts are never passed in; the redaction is a net below that rule.
 */
export function createLogger(processName: string, level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { process: processName, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: [
      ...['*.authorization', '*.messages', '*.content', '*.secret', '*.credential', '*.joinToken'],
      ...ofDatabaseErrors,
    ],
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
