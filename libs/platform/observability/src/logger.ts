import { pino, type Logger } from 'pino';

export type { Logger };

/**
 * The structured log of one process, one JSON line an entry on standard output.
 * Secrets and prompts are never passed in; the redaction is a net below that rule.
 */
export function createLogger(processName: string, level: string): Logger {
  return pino({
    level,
    base: { process: processName, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: ['*.authorization', '*.messages', '*.content', '*.secret', '*.credential', '*.joinToken'],
  });
}
