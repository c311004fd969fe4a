import type { Deadline, Deadlines, JobOutcome, JobState } from '@millrace/domain/claim';
import type { Chunk, Payload } from '@millrace/contracts/runner-protocol';
import { CallerPace } from './caller-pace.js';

/** Tokens of one job as the tokenizer counts them; completion tokens of all attempts together. */
export interface JobUsage {
  promptTokens: number;
  completionTokens: number;
  cachedTokens: number;
}

/** One piece of an answer, as its runner sent it. */
export type AnswerPiece = Pick<Chunk, 'tokenIds' | 'text' | 'logprobs'>;

/** Hears what happens to the answer, in the event-loop turn in which it happens. */
export interface AnswerListener {
  /** The text may be empty: it lags behind the tokens. */
  onPiece(piece: AnswerPiece): void;
  /** Time is up; the outcome follows when the runner has said what it used. */
  onTimeOut(deadline: Deadline): void;
  /** Nothing of the answer is there yet. Left out by callers who cannot hear it. */
  onPlace?(place: PlaceInQueue): void;
}

/** Where a job waits; what is not known is left out. */
export interface PlaceInQueue {
  /** 1 is next; 0 when a replica works on the job. */
  position?: number;
  /** From now until it begins. */
  etaMs?: number;
}

/** What is known when a job has ended. */
export interface JobEnd {
  outcome: JobOutcome;
  usage: JobUsage;
  attempts: number;
  queueMs: number;
  firstTokenMs: number | undefined;
  totalMs: number;
}

/** What a job starts from. */
export interface JobSpec extends Deadlines {
  jobId: string;
  tenantId: string;
  deploymentId: string;
  /** Estimated tokens, see Ticket. */
  promptTokensEstimate: number;
  answerTokensEstimate: number;
  payload: Omit<Payload, 'deliveredTokenIds' | 'deliveredBytes'>;
}

/** One interactive job. Only the JobOwner changes it. */
export interface OwnedJob {
  readonly spec: JobSpec;
  readonly acceptedAtMs: number;
  state: JobState;
  listener: AnswerListener | undefined;
  /** Everything the caller's text rests on; the next attempt goes on behind it. */
  deliveredTokenIds: number[];
  deliveredBytes: number;
  readonly pace: CallerPace;
  firstClaimAtMs: number | undefined;
  firstChunkAtMs: number | undefined;
  /** When the newest chunk was delivered or, if that is later, when the caller had read all there was. */
  lastProgressAtMs: number | undefined;
  cancelledAtMs: number | undefined;
  usage: JobUsage | undefined;
  /** Of the completion tokens, those of reasoning; counted by the relay, which reads the text. */
  reasoningTokens: number;
  /** Links and attempts that wait to hear that usage is stored. */
  unacknowledged: { link: string; attempt: number }[];
  /** Resolves once, when the job has settled. */
  readonly ended: Promise<JobEnd>;
  readonly end: (end: JobEnd) => void;
}

/** A job before anybody took it. */
export function newOwnedJob(spec: JobSpec, state: JobState, nowMs: number): OwnedJob {
  let end!: (end: JobEnd) => void;
  const ended = new Promise<JobEnd>((resolve) => {
    end = resolve;
  });
  return {
    spec,
    acceptedAtMs: nowMs,
    state,
    listener: undefined,
    deliveredTokenIds: [],
    deliveredBytes: 0,
    pace: new CallerPace(),
    firstClaimAtMs: undefined,
    firstChunkAtMs: undefined,
    lastProgressAtMs: undefined,
    cancelledAtMs: undefined,
    usage: undefined,
    reasoningTokens: 0,
    unacknowledged: [],
    ended,
    end,
  };
}

/** What is known of a job at the moment it settles. */
export function jobEnd(job: OwnedJob, outcome: JobOutcome, nowMs: number): JobEnd {
  const startedAtMs = job.firstClaimAtMs;
  // A runner that is gone cannot say what it used: the prompt is estimated, the answer is what was delivered.
  const { promptTokens, completionTokens, cachedTokens } = job.usage ?? {
    promptTokens: startedAtMs === undefined || isRefused(outcome) ? 0 : job.spec.promptTokensEstimate,
    completionTokens: 0,
    cachedTokens: 0,
  };
  const delivered = job.deliveredTokenIds.length;
  const usage = { promptTokens, completionTokens: Math.max(completionTokens, delivered), cachedTokens };
  return {
    outcome,
    usage,
    attempts: job.state.attempt,
    queueMs: (startedAtMs ?? nowMs) - job.acceptedAtMs,
    firstTokenMs: job.firstChunkAtMs === undefined ? undefined : job.firstChunkAtMs - job.acceptedAtMs,
    totalMs: nowMs - job.acceptedAtMs,
  };
}

/** Whether the engine would not have what was asked: nothing was read then, and nothing is billed. */
function isRefused(outcome: JobOutcome): boolean {
  if (outcome.kind !== 'failed') return false;
  return outcome.reason === 'context_length_exceeded' || outcome.reason === 'invalid_request';
}

/** Whether this attempt on this link has the claim. */
export function isHeldBy({ state }: OwnedJob, link: string, attempt: number): boolean {
  return (
    (state.phase === 'claimed' || state.phase === 'cancelling') && state.link === link && state.attempt === attempt
  );
}

/** How many of the jobs are in each phase. */
export function countByPhase(jobs: Iterable<OwnedJob>): Map<JobState['phase'], number> {
  const counts = new Map<JobState['phase'], number>([
    ['waiting', 0],
    ['claimed', 0],
    ['cancelling', 0],
    ['done', 0],
  ]);
  for (const { state } of jobs) counts.set(state.phase, (counts.get(state.phase) ?? 0) + 1);
  return counts;
}
