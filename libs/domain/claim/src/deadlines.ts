import type { JobState } from './job-state.js';

/** How long a job may take, in milliseconds; `start`, `first token` and `total` count from its acceptance. */
export interface Deadlines {
  /** Until a runner claims it for the first time. */
  startDeadlineMs: number;
  /** Until the first chunk of the answer is delivered. */
  firstTokenDeadlineMs: number;
  /** From one chunk of an attempt to the next, while the caller reads. */
  interTokenDeadlineMs: number;
  /** Until the answer is complete. */
  totalDeadlineMs: number;
}

/** The name of a deadline, as callers see it. */
export type Deadline = 'start' | 'first token' | 'inter-token' | 'total';

const LIMITS = {
  start: 'startDeadlineMs',
  'first token': 'firstTokenDeadlineMs',
  'inter-token': 'interTokenDeadlineMs',
  total: 'totalDeadlineMs',
} as const satisfies Record<Deadline, keyof Deadlines>;

/** The milliseconds that the named deadline allows. */
export function deadlineLimitMs(deadlines: Deadlines, deadline: Deadline): number {
  return deadlines[LIMITS[deadline]];
}

/** When what has happened to a job, on one clock. */
export interface JobProgress {
  acceptedAtMs: number;
  /** When the first chunk of the whole answer was delivered. */
  firstChunkAtMs: number | undefined;
  /** When the newest chunk was delivered or, if that is later, when the caller had read all there was. */
  lastProgressAtMs: number | undefined;
  /** Since when the caller does not keep up; undefined while it does. */
  behindSinceMs: number | undefined;
}

/**
 * The deadline that has passed at `nowMs`, the earliest if there are several. Nothing can be late once the job is
 * ended or being cancelled. Between two attempts only `first token` and `total` run on, and `inter-token` starts with
 * the first chunk of an attempt: a runner's death makes an answer slower, not late.
 */
export function passedDeadline(
  { state, progress, deadlines }: { state: JobState; progress: JobProgress; deadlines: Deadlines },
  nowMs: number,
): Deadline | undefined {
  if (state.phase !== 'waiting' && state.phase !== 'claimed') return undefined;
  const { acceptedAtMs, firstChunkAtMs, lastProgressAtMs, behindSinceMs } = progress;
  let passed: Deadline | undefined;
  let earliestMs = nowMs;
  const consider = (deadline: Deadline, atMs: number): void => {
    if (atMs > earliestMs) return;
    passed = deadline;
    earliestMs = atMs;
  };
  consider('total', acceptedAtMs + deadlines.totalDeadlineMs);
  if (firstChunkAtMs === undefined) consider('first token', acceptedAtMs + deadlines.firstTokenDeadlineMs);
  if (state.phase === 'waiting' && state.attempt === 1) consider('start', acceptedAtMs + deadlines.startDeadlineMs);
  const isGenerating = state.phase === 'claimed' && state.nextSeq > 0 && behindSinceMs === undefined;
  if (isGenerating && lastProgressAtMs !== undefined) {
    consider('inter-token', lastProgressAtMs + deadlines.interTokenDeadlineMs);
  }
  return passed;
}

/** The deadlines of one job: what its caller asks for can shorten what is allowed, never lengthen it. */
export function shortenDeadlines(allowed: Deadlines, asked: Partial<Deadlines>): Deadlines {
  const shorter = (name: keyof Deadlines): number => Math.min(allowed[name], asked[name] ?? Infinity);
  return {
    startDeadlineMs: shorter('startDeadlineMs'),
    firstTokenDeadlineMs: shorter('firstTokenDeadlineMs'),
    interTokenDeadlineMs: shorter('interTokenDeadlineMs'),
    totalDeadlineMs: shorter('totalDeadlineMs'),
  };
}
