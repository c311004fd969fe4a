import { admit } from '@millrace/domain/admission';
import type { Deadlines } from '@millrace/domain/claim';
import type { Pacer } from '@millrace/platform/pacing';
import { ApiError } from '../http/api-error.js';
import { usageRecord } from '../metering/usage-record.js';
import type { UsageRecorder } from '../metering/usage-recorder.js';
import type { JobOwner } from '../queueing/job-owner.js';
import { jobSpec } from '../queueing/job-spec.js';
import type { OwnedJob } from '../queueing/owned-job.js';
import { relayAnswer } from '../token-relay/relay-answer.js';
import type { ChatCall } from './complete-chat-port.js';

/** What a chat completion is made with. */
export interface CompletionTools {
  jobs: JobOwner;
  recorder: UsageRecorder;
  deadlines: Deadlines;
  maxOpenJobs: number;
  pacer: Pacer;
  onError: (error: unknown, what: string) => void;
}

/** How long callers are asked to wait while the queue is away. */
const QUEUE_AWAY_RETRY_MS = 2_000;

/**
 * The life of one chat completion in the API process: admit, listen, enqueue, relay, meter.
 * Authenticating, receiving and resolving came before; generating happens on a runner meanwhile.
 */
export async function completeChat(call: ChatCall, tools: CompletionTools): Promise<void> {
  // 1. admit
  admitCall(tools);
  // 2. listen, before anything can be claimed
  const job = tools.jobs.listen(jobSpec(call, tools.deadlines));
  cancelOnHangUp(job, call, tools);
  try {
    await Promise.all([
      // 3. enqueue
      enqueue(job, tools),
      // 4. relay
      relayAnswer([job], call, tools),
    ]);
  } finally {
    // 5. meter, off the caller's time
    meter(job, call, tools);
  }
}

function admitCall({ jobs, maxOpenJobs }: CompletionTools): void {
  const admission = admit({ openJobs: jobs.openJobs, maxOpenJobs });
  if (admission.outcome === 'admitted') return;
  throw new ApiError({ kind: admission.reason, retryAfterMs: admission.retryAfterMs });
}

function cancelOnHangUp(job: OwnedJob, { hungUp }: ChatCall, { jobs }: CompletionTools): void {
  const cancel = (): void => {
    jobs.cancel(job);
  };
  if (hungUp.aborted) cancel();
  else hungUp.addEventListener('abort', cancel, { once: true });
}

/** A job whose ticket Redis refuses was never accepted: it does not settle, and nothing is metered. */
async function enqueue(job: OwnedJob, { jobs }: CompletionTools): Promise<void> {
  try {
    await jobs.enqueue(job);
  } catch (error) {
    throw new ApiError({ kind: 'out_of_reach', what: 'queue', retryAfterMs: QUEUE_AWAY_RETRY_MS }, { cause: error });
  }
}

/** One row per job, once it has settled; only then may its runner forget it. */
function meter(job: OwnedJob, call: ChatCall, { jobs, recorder, onError }: CompletionTools): void {
  job.ended
    .then(async (end) => {
      await recorder.record(usageRecord(call, job, end));
      jobs.release(job);
    })
    .catch((error: unknown) => {
      onError(error, 'meter a job');
    });
}
