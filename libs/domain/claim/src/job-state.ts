import type { Deadline } from './deadlines.js';

/** A job fails for good when this many of its attempts have died; drains are not counted. */
export const MAX_FAILED_ATTEMPTS = 5;

/** Why an attempt ended badly. */
export type FailureReason =
  | 'context_length_exceeded'
  | 'invalid_request'
  | 'engine_crashed'
  | 'engine_hung'
  | 'engine_error'
  | 'runner_lost'
  | 'runner_stopping'
  | 'unservable';

/** How an attempt ended badly, in one sentence. `param`: the parameter that is at fault, where the request is. */
export interface Failure {
  reason: FailureReason;
  message: string;
  param?: string;
}

/** Why a claim is refused for good. */
export type GoneReason = 'unknown' | 'cancelled' | 'expired' | 'superseded' | 'claimed';

/** How a job ended: exactly one per job. */
export type JobOutcome =
  | { kind: 'completed'; finishReason: 'stop' | 'length' }
  | { kind: 'cancelled' }
  | { kind: 'expired' }
  | ({ kind: 'failed' } & Failure);

/**
 * The owner's view of one interactive job. `attempt` only grows, and only by `decide`;
 * it is the fence: whatever carries an older attempt has no effect.
 */
export type JobState =
  | { phase: 'waiting'; attempt: number; failures: number }
  | { phase: 'claimed'; attempt: number; failures: number; link: string; nextSeq: number }
  /** The caller needs no more; the runner has yet to say what it used. */
  | { phase: 'cancelling'; attempt: number; link: string }
  | { phase: 'done'; attempt: number; outcome: JobOutcome };

/** Something that a runner (on a link), the caller or the clock did. */
export type JobEvent =
  | { kind: 'claim'; link: string; attempt: number }
  | { kind: 'chunk'; link: string; attempt: number; seq: number }
  | { kind: 'finished'; link: string; attempt: number; finishReason: 'stop' | 'length' | 'cancelled' }
  | ({ kind: 'failed'; link: string; attempt: number; retryable: boolean } & Failure)
  | { kind: 'link-lost'; link: string }
  /** The caller hung up, or somebody cancelled the job. */
  | { kind: 'cancel' }
  | { kind: 'deadline-passed'; deadline: Deadline }
  /** Nothing will ever take its ticket, and why; a runner that has it already may finish. */
  | { kind: 'unservable'; message: string }
  /** The runner did not answer a cancel in time. */
  | { kind: 'cancel-grace-over' };

/** What the owner does next, in this order. `settle` is emitted exactly once per job. */
export type Effect =
  | { kind: 'assign'; link: string; attempt: number }
  | { kind: 'gone'; link: string; attempt: number; reason: GoneReason }
  | { kind: 'deliver' }
  | { kind: 'add-ticket'; attempt: number }
  | { kind: 'remove-ticket'; attempt: number }
  | { kind: 'cancel-on-link'; link: string; attempt: number }
  /** Tell the caller that time is up. */
  | { kind: 'time-out'; deadline: Deadline }
  | { kind: 'settle'; outcome: JobOutcome }
  /** The runner may forget this attempt once usage is stored. */
  | { kind: 'acknowledge'; link: string; attempt: number };

/** A job before anybody took it. */
export function initialState(): JobState {
  return { phase: 'waiting', attempt: 1, failures: 0 };
}
