import type { Deadlines } from '@millrace/domain/claim';
import type { Pacer } from '@millrace/platform/pacing';
import type { Admission, AdmittedCall } from '../admission/admission.js';
import { ApiError } from '../http/api-error.js';
import { meterCall } from '../metering/meter-call.js';
import type { UsageJournal } from '../metering/usage-journal.js';
import type { UsageRecorder } from '../metering/usage-recorder.js';
import type { ApiMetrics } from '../metrics/api-metrics.js';
import type { JobOwner } from '../queueing/job-owner.js';
import { jobSpecs } from '../queueing/job-spec.js';
import type { JobSpec, OwnedJob } from '../queueing/owned-job.js';
import { relayAnswer } from '../token-relay/relay-answer.js';
import type { ChatCall } from './complete-chat-port.js';

/** What a chat completion is made with. */
export interface CompletionTools {
  admission: Pick<Admission, 'admit'>;
  jobs: JobOwner;
  recorder: UsageRecorder;
  journal: UsageJournal;
  deadlines: Deadlines;
  pacer: Pacer;
  metrics: Pick<ApiMetrics, 'jobEnded' | 'requestRejected'>;
  onError: (error: unknown, what: string) => void;
}

/** How long callers are asked to wait while the queue is away. */
const QUEUE_AWAY_RETRY_MS = 2_000;

/**
 * The life of one chat completion in the API process: admit, listen, enqueue, relay, meter.
 * Authenticating, receiving and resolving came before; generating happens on a runner meanwhile.
 */
export async function completeChat(received: ChatCall, tools: CompletionTools): Promise<void> {
  // 1. admit
  const { call, settle } = await tools.admission.admit(received);
  // 2. listen, before anything can be claimed; each choice of the answer is a job
  const jobs = specsOf(call, settle, tools).map((spec) => tools.jobs.listen(spec));
  cancelOnHangUp(jobs, call, tools);
  tools.journal.begin(call, jobs);
  // 3. enqueue
  const choices = jobs.map((job) => ({ job, enqueued: enqueue(job, tools) }));
  try {
    // 4. relay, from before the queue has answered
    await relayAnswer(jobs, call, { ...tools, enqueued: Promise.all(choices.map(({ enqueued }) => enqueued)) });
  } catch (error) {
    // One choice that has no answer leaves the call without one.
    cancelAll(jobs, tools);
    throw error;
  } finally {
    // 5. meter, off the caller's time
    meterCall(call, choices, { ...tools, settle }).catch((error: unknown) => {
      tools.onError(error, 'meter a call');
    });
  }
}

/** Until there are jobs to meter, nobody else gives back what the call holds. */
function specsOf(call: ChatCall, settle: AdmittedCall['settle'], { deadlines }: CompletionTools): JobSpec[] {
  try {
    return jobSpecs(call, deadlines);
  } catch (error) {
    settle({ promptTokens: 0, completionTokens: 0 });
    throw error;
  }
}

function cancelOnHangUp(jobs: readonly OwnedJob[], { hungUp }: ChatCall, tools: CompletionTools): void {
  const cancel = (): void => {
    cancelAll(jobs, tools);
  };
  if (hungUp.aborted) cancel();
  else hungUp.addEventListener('abort', cancel, { once: true });
}

function cancelAll(owned: readonly OwnedJob[], { jobs }: CompletionTools): void {
  for (const job of owned) jobs.cancel(job);
}

/** A job whose ticket Redis refuses was never accepted: it does not settle, and nothing is metered. */
async function enqueue(job: OwnedJob, { jobs }: CompletionTools): Promise<void> {
  try {
    await jobs.enqueue(job);
  } catch (error) {
    throw new ApiError({ kind: 'out_of_reach', what: 'queue', retryAfterMs: QUEUE_AWAY_RETRY_MS }, { cause: error });
  }
}
