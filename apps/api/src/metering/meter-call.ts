import type { AdmittedCall } from '../admission/admission.js';
import type { ChatCall } from '../completions/complete-chat-port.js';
import type { ApiMetrics } from '../metrics/api-metrics.js';
import type { JobOwner } from '../queueing/job-owner.js';
import type { JobEnd, OwnedJob } from '../queueing/owned-job.js';
import { usageRecord, type EndedJob } from './usage-record.js';
import type { UsageJournal } from './usage-journal.js';
import type { UsageRecorder } from './usage-recorder.js';

/** What a call is metered with. */
export interface MeterTools {
  jobs: Pick<JobOwner, 'release'>;
  journal: Pick<UsageJournal, 'end'>;
  recorder: Pick<UsageRecorder, 'record'>;
  metrics: Pick<ApiMetrics, 'jobEnded' | 'requestRejected'>;
  /** Frees what admission holds for the call but for what it has used. */
  settle: AdmittedCall['settle'];
}

/** One choice of a call. */
export interface MeteredJob {
  job: OwnedJob;
  /** Rejects when the queue refuses the job, which then was never accepted: it does not settle and counts for nothing. */
  enqueued: Promise<void>;
}

/**
 * Writes one row for a call once all its choices have settled; only then may their runners forget them. A call none of
 * whose jobs was accepted was rejected, and leaves no row.
 */
export async function meterCall(call: ChatCall, choices: readonly MeteredJob[], tools: MeterTools): Promise<void> {
  const { jobs, journal, recorder, metrics, settle } = tools;
  const ended = (await Promise.all(choices.map(endOf))).filter((choice) => choice !== undefined);
  if (ended.length === 0) {
    settle({ promptTokens: 0, completionTokens: 0 });
    metrics.requestRejected('out_of_reach');
    journal.end([call.requestId]);
    return;
  }
  const row = usageRecord(call, choices[0]?.job.spec.jobId ?? '', ended);
  settle(row);
  for (const end of countPromptOnce(ended)) metrics.jobEnded(call.deployment.name, end);
  await recorder.record(row);
  for (const { job } of ended) jobs.release(job);
}

async function endOf({ job, enqueued }: MeteredJob): Promise<EndedJob | undefined> {
  const accepted = await enqueued.then(
    () => true,
    () => false,
  );
  return accepted ? { job, end: await job.ended } : undefined;
}

/** Choices share the prompt: metrics count that of the first one whose prompt was read, as the row does. */
function countPromptOnce(ended: readonly EndedJob[]): JobEnd[] {
  const reader = ended.find(({ end }) => end.usage.promptTokens > 0);
  return ended.map((choice) => {
    const { end } = choice;
    return choice === reader ? end : { ...end, usage: { ...end.usage, promptTokens: 0, cachedTokens: 0 } };
  });
}
