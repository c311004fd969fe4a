import type { Deadline } from './deadlines.js';
import {
  MAX_FAILED_ATTEMPTS,
  type Effect,
  type Failure,
  type GoneReason,
  type JobEvent,
  type JobOutcome,
  type JobState,
} from './job-state.js';

/** The state after an event and what the owner has to do about it. */
export interface Decision {
  state: JobState;
  effects: Effect[];
}

type Claimed = Extract<JobState, { phase: 'claimed' }>;
type EndedBadly = Failure & { retryable: boolean };

/**
 * The claim protocol as a function. Invariants, held by property tests over random interleavings:
 * at most one link holds the claim of the current attempt, the attempt never shrinks,
 * chunks are delivered without gap or repetition, and every job is settled exactly once.
 */
export function decide(state: JobState, event: JobEvent): Decision {
  switch (event.kind) {
    case 'claim':
      return answerClaim(state, event);
    case 'chunk':
      return takeChunk(state, event);
    case 'finished':
      return finish(state, event);
    case 'failed':
      return endAttempt(state, event, event);
    case 'link-lost':
      return loseLink(state, event.link);
    case 'cancel':
      return cancel(state);
    case 'deadline-passed':
      return passDeadline(state, event.deadline);
    case 'unservable':
      return giveUp(state, event.message);
    case 'cancel-grace-over':
      return state.phase === 'cancelling' ? settle(state.attempt, { kind: 'cancelled' }) : unchanged(state);
  }
}

function answerClaim(state: JobState, { link, attempt }: { link: string; attempt: number }): Decision {
  const isCurrent = attempt === state.attempt;
  if (state.phase === 'waiting' && isCurrent) {
    const { failures } = state;
    return {
      state: { phase: 'claimed', attempt, failures, link, nextSeq: 0 },
      effects: [{ kind: 'assign', link, attempt }],
    };
  }
  if (state.phase === 'claimed' && isCurrent && state.link === link && state.nextSeq === 0) {
    return unchanged(state, { kind: 'assign', link, attempt });
  }
  return unchanged(state, { kind: 'gone', link, attempt, reason: goneReason(state, attempt) });
}

function goneReason(state: JobState, attempt: number): GoneReason {
  if (attempt > state.attempt) return 'unknown';
  if (state.phase === 'cancelling') return 'cancelled';
  if (state.phase === 'done' && (state.outcome.kind === 'cancelled' || state.outcome.kind === 'expired')) {
    return state.outcome.kind;
  }
  return state.phase === 'claimed' && attempt === state.attempt ? 'claimed' : 'superseded';
}

function takeChunk(state: JobState, event: { link: string; attempt: number; seq: number }): Decision {
  if (state.phase !== 'claimed' || !holds(state, event) || event.seq < state.nextSeq) return unchanged(state);
  if (event.seq > state.nextSeq) {
    const gap = { reason: 'engine_error', retryable: true, message: 'A part of the answer was lost.' } as const;
    const next = endAttempt(state, event, gap);
    return { ...next, effects: [cancelOnLink(state), ...next.effects] };
  }
  return { state: { ...state, nextSeq: state.nextSeq + 1 }, effects: [{ kind: 'deliver' }] };
}

function finish(state: JobState, event: Extract<JobEvent, { kind: 'finished' }>): Decision {
  const { link, attempt, finishReason } = event;
  if (state.phase === 'claimed' && holds(state, event)) {
    // A runner that aborts without being asked gives no answer that could be called complete.
    if (finishReason === 'cancelled') {
      return endAttempt(state, event, { reason: 'runner_stopping', retryable: true, message: 'The runner stopped.' });
    }
    return settle(attempt, { kind: 'completed', finishReason }, { kind: 'acknowledge', link, attempt });
  }
  if (state.phase === 'cancelling' && holds(state, event)) {
    return settle(attempt, { kind: 'cancelled' }, { kind: 'acknowledge', link, attempt });
  }
  return unchanged(state, { kind: 'acknowledge', link, attempt });
}

function endAttempt(state: JobState, event: { link: string; attempt: number }, failure: EndedBadly): Decision {
  const acknowledge: Effect = { kind: 'acknowledge', link: event.link, attempt: event.attempt };
  if (state.phase === 'cancelling' && holds(state, event)) {
    return settle(state.attempt, { kind: 'cancelled' }, acknowledge);
  }
  if (state.phase !== 'claimed' || !holds(state, event)) return unchanged(state, acknowledge);
  const next = retryOrFail(state, failure);
  return { ...next, effects: [...next.effects, acknowledge] };
}

function retryOrFail(state: Claimed, { reason, retryable, message, param }: EndedBadly): Decision {
  const failures = state.failures + (reason === 'runner_stopping' ? 0 : 1);
  if (!retryable || failures >= MAX_FAILED_ATTEMPTS) {
    return settle(state.attempt, { kind: 'failed', reason, message, ...(param !== undefined && { param }) });
  }
  const attempt = state.attempt + 1;
  return { state: { phase: 'waiting', attempt, failures }, effects: [{ kind: 'add-ticket', attempt }] };
}

function loseLink(state: JobState, link: string): Decision {
  if (state.phase === 'claimed' && state.link === link) {
    const message = 'The runner that generated the answer was lost.';
    return retryOrFail(state, { reason: 'runner_lost', retryable: true, message });
  }
  if (state.phase === 'cancelling' && state.link === link) return settle(state.attempt, { kind: 'cancelled' });
  return unchanged(state);
}

function cancel(state: JobState): Decision {
  if (state.phase === 'waiting') return endWaiting(state.attempt, { kind: 'cancelled' });
  return state.phase === 'claimed' ? startCancelling(state) : unchanged(state);
}

function giveUp(state: JobState, message: string): Decision {
  if (state.phase !== 'waiting') return unchanged(state);
  return endWaiting(state.attempt, { kind: 'failed', reason: 'unservable', message });
}

function endWaiting(attempt: number, outcome: JobOutcome): Decision {
  return {
    state: { phase: 'done', attempt, outcome },
    effects: [
      { kind: 'remove-ticket', attempt },
      { kind: 'settle', outcome },
    ],
  };
}

/** A deadline that does not run in this state was overtaken by what changed it. */
function passDeadline(state: JobState, deadline: Deadline): Decision {
  if (state.phase === 'waiting') {
    const runs = deadline !== 'inter-token' && (deadline !== 'start' || state.attempt === 1);
    return runs ? expire(state, deadline) : unchanged(state);
  }
  if (state.phase !== 'claimed' || deadline === 'start') return unchanged(state);
  const next = startCancelling(state);
  return { ...next, effects: [...next.effects, { kind: 'time-out', deadline }] };
}

function startCancelling(state: Claimed): Decision {
  const { attempt, link } = state;
  return { state: { phase: 'cancelling', attempt, link }, effects: [cancelOnLink(state)] };
}

function expire(state: Extract<JobState, { phase: 'waiting' }>, deadline: Deadline): Decision {
  const { attempt } = state;
  // A job that ran before is billed for what it generated, so it counts as cancelled.
  const outcome: JobOutcome = attempt === 1 ? { kind: 'expired' } : { kind: 'cancelled' };
  return {
    state: { phase: 'done', attempt, outcome },
    effects: [
      { kind: 'remove-ticket', attempt },
      { kind: 'time-out', deadline },
      { kind: 'settle', outcome },
    ],
  };
}

function settle(attempt: number, outcome: JobOutcome, ...after: Effect[]): Decision {
  return { state: { phase: 'done', attempt, outcome }, effects: [{ kind: 'settle', outcome }, ...after] };
}

function holds(state: { link: string; attempt: number }, event: { link: string; attempt: number }): boolean {
  return state.link === event.link && state.attempt === event.attempt;
}

function cancelOnLink({ link, attempt }: { link: string; attempt: number }): Effect {
  return { kind: 'cancel-on-link', link, attempt };
}

function unchanged(state: JobState, ...effects: Effect[]): Decision {
  return { state, effects };
}
