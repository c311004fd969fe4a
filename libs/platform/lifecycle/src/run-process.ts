import { readSettings } from '@millrace/platform/config';
import { createLogger, type Logger } from '@millrace/platform/observability';
import { StopSteps } from './stop-steps.js';
import { tellSupervisor, type SupervisedMessage, type SupervisorMessage } from './supervised-message.js';

/** What the last steps of a graceful stop may take behind the grace for running work; then it is cut off. */
const LAST_STEPS_MS = 2_000;

/** What a process may do with its own start and end. */
export interface Lifecycle {
  readonly logger: Logger;
  /** How long work that runs may go on after the process was asked to stop. */
  readonly stopGraceMs: number;
  /** Call once, when the process serves. */
  ready(where?: { address?: string; healthAddress?: string | undefined }): void;
  /** Tells the supervisor, if there is one. */
  readonly report: (message: SupervisedMessage) => void;
  /** Ends the process, gracefully yet with 1: it cannot do its work any more. */
  readonly fail: (error: Error) => void;
  /** Adds a step to the graceful stop; steps run one by one, the last added first. */
  onStop(step: () => Promise<void>): void;
}

/**
 * Runs the whole life of a process: `start` builds it up and returns when it serves.
 * SIGTERM, SIGINT or the loss of the supervisor stop it gracefully, 2 seconds beyond the grace at most.
 * Whatever `start` throws, and any error nobody caught, is logged, told to the supervisor and ends the process with 1.
 */
export async function runProcess(name: string, start: (lifecycle: Lifecycle) => Promise<void>): Promise<void> {
  const { logLevel, stopGraceMs } = readOwnSettings();
  const logger = createLogger(name, logLevel);
  const steps = new StopSteps((error) => logger.error({ err: error }, 'a step of the graceful stop failed'));
  const end = endOnce(logger, steps, stopGraceMs + LAST_STEPS_MS);
  const fail = (error: unknown) => void end({ reason: 'failed', error });
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  process.stdout.on('error', ignoreClosedPipe);
  process.stderr.on('error', ignoreClosedPipe);
  endWithSignalsOrSupervisor(end);
  answerSupervisor();
  const report = (message: SupervisedMessage) => void tellSupervisor(message);
  try {
    // Reading any setting rejects unknown names and wrong values with one sentence.
    readSettings(OWN_SETTINGS);
    await start({
      logger,
      stopGraceMs,
      report,
      ready: ({ address, healthAddress } = {}) =>
        report({
          type: 'ready',
          ...(address !== undefined && { address }),
          ...(healthAddress !== undefined && { healthAddress }),
        }),
      fail,
      onStop: (step) => steps.add(step),
    });
  } catch (error) {
    fail(error);
  }
}

type Ending = { reason: 'asked' | 'orphaned'; why: string } | { reason: 'failed'; error: unknown };

/** The first ending runs the stop steps; another one that is asked for meanwhile ends the process at once. */
function endOnce(logger: Logger, steps: StopSteps, limitMs: number): (ending: Ending) => Promise<void> {
  let ending = false;
  return async (cause) => {
    const exitCode = cause.reason === 'failed' ? 1 : 0;
    if (cause.reason === 'failed') {
      logger.error({ err: cause.error }, 'the process failed');
      await tellSupervisor({ type: 'fatal', message: messageOf(cause.error) });
      // Whoever started this process by hand reads the sentence; the log has the rest.
      if (process.send === undefined) process.stderr.write(`${messageOf(cause.error)}\n`);
    }
    if (ending) {
      if (cause.reason === 'asked') process.exit(1);
      return;
    }
    ending = true;
    if (cause.reason !== 'failed') logger.info({ why: cause.why }, 'stopping');
    const leave = cause.reason === 'orphaned' ? killSelf : process.exit.bind(process);
    setTimeout(() => leave(1), limitMs).unref();
    await steps.run();
    leave(exitCode);
  };
}

/**
 * `process.exit` may wait for ever on V8's own threads (nodejs/node#54918). Whoever sent a signal kills such a process
 * after the grace; one without a supervisor would stay.
 */
function killSelf(): void {
  process.kill(process.pid, 'SIGKILL');
}

function endWithSignalsOrSupervisor(end: (ending: Ending) => Promise<void>): void {
  const supervised = process.send !== undefined;
  process.on('SIGTERM', () => void end({ reason: 'asked', why: 'SIGTERM' }));
  // A terminal sends Ctrl-C to every process of its group; the supervisor decides what it means for this one.
  process.on('SIGINT', () => {
    if (!supervised) void end({ reason: 'asked', why: 'SIGINT' });
  });
  if (supervised) process.once('disconnect', () => void end({ reason: 'orphaned', why: 'the supervisor is gone' }));
}

/** A supervisor kills a process that leaves its pings unanswered. */
function answerSupervisor(): void {
  if (process.send === undefined) return;
  process.on('message', ({ type }: SupervisorMessage) => {
    if (type === 'ping') void tellSupervisor({ type: 'pong' });
  });
}

const OWN_SETTINGS = ['MILLRACE_LOG_LEVEL', 'MILLRACE_STOP_GRACE_MS'] as const;

/** A wrong value is reported once the process can report; until then the defaults apply. */
function readOwnSettings(): { logLevel: string; stopGraceMs: number } {
  const values = settingsOrDefaults();
  return { logLevel: values.MILLRACE_LOG_LEVEL, stopGraceMs: values.MILLRACE_STOP_GRACE_MS };
}

function settingsOrDefaults() {
  try {
    return readSettings(OWN_SETTINGS);
  } catch {
    return readSettings(OWN_SETTINGS, {});
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whoever read the output is gone; the closed IPC channel or a signal tells the process to stop. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
