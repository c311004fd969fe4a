import { ShutDown } from './shut-down.js';
import { Terminal } from './terminal.js';
import { up } from './up.js';

/** Everything must be gone 10 s after it was asked to end. */
const STOP_LIMIT_MS = 9_500;
/** One Ctrl-C arrives twice: from the terminal, and from npm, which passes it on. */
const SAME_SIGNAL_MS = 1_000;

/**
 * Runs millrace on this machine in this process until it is asked to stop, and ends the process.
 * SIGINT and SIGTERM stop everything in order; a second one, a second later, stops it at once.
 */
export async function runStandalone(checkout: string): Promise<void> {
  // A terminal that was closed ends its session by SIGHUP; output that nobody reads any more is no reason to die.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  const terminal = new Terminal((text) => process.stdout.write(text));
  const shutDown = new ShutDown();
  const stop = stopper(terminal, shutDown);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => void stop());
  }
  try {
    await up(checkout, terminal, shutDown);
  } catch (error) {
    // A start that fails because it is being stopped has nothing to tell.
    if (shutDown.begun) return;
    await shutDown.run();
    process.stderr.write(`${sentenceOf(error)}\n`);
    process.exit(1);
  }
}

/** Stops in order when called, and at once when called again later than the same signal may still arrive. */
function stopper(terminal: Terminal, shutDown: ShutDown): () => Promise<void> {
  let askedAtMs: number | undefined;
  const forceful = () => {
    shutDown.force();
    process.exit(1);
  };
  return async () => {
    if (askedAtMs !== undefined) {
      if (performance.now() - askedAtMs > SAME_SIGNAL_MS) forceful();
      return;
    }
    askedAtMs = performance.now();
    terminal.step('Stopping');
    setTimeout(forceful, STOP_LIMIT_MS);
    await shutDown.run();
    terminal.step('Stopped');
    process.exit(0);
  };
}

/** Errors with a name of their own speak for themselves; the others are bugs and show where they come from. */
function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === 'Error' || error.name === 'TypeError' ? (error.stack ?? error.message) : error.message;
}
