/** Jobs that wait for a replica, and jobs that one works on. */
export interface JobCounts {
  waiting: number;
  running: number;
}

/** The queue of one deployment. */
export interface QueueState extends JobCounts {
  deploymentId: string;
  /** 0 when nothing waits. */
  oldestWaitMs: number;
  /** Tokens delivered per second, of all answers together. */
  tokensPerSecond: number;
  /** Answers that were completed lately, and their mean length. */
  answers: number;
  meanAnswerTokens: number;
  /** By tenant id; tenants without jobs are left out. */
  byTenant: Readonly<Record<string, JobCounts>>;
  /** By band. */
  byBand: Readonly<Record<string, JobCounts>>;
}

/** What one API process knows of the queue: its own jobs. */
export type QueuePart = QueueState;

/** The queues as a whole, by deployment: each job is in the part of one process only. */
export function sumQueueParts(parts: readonly QueuePart[]): Map<string, QueueState> {
  const sums = new Map<string, QueueState>();
  for (const part of parts) {
    const sum = sums.get(part.deploymentId);
    sums.set(part.deploymentId, sum === undefined ? part : addParts(sum, part));
  }
  return sums;
}

function addParts(one: QueueState, other: QueueState): QueueState {
  const answers = one.answers + other.answers;
  const answerTokens = one.answers * one.meanAnswerTokens + other.answers * other.meanAnswerTokens;
  return {
    deploymentId: one.deploymentId,
    ...addCounts(one, other),
    oldestWaitMs: Math.max(one.oldestWaitMs, other.oldestWaitMs),
    tokensPerSecond: one.tokensPerSecond + other.tokensPerSecond,
    answers,
    meanAnswerTokens: answers === 0 ? 0 : answerTokens / answers,
    byTenant: addGroups(one.byTenant, other.byTenant),
    byBand: addGroups(one.byBand, other.byBand),
  };
}

function addGroups(one: QueueState['byTenant'], other: QueueState['byTenant']): Record<string, JobCounts> {
  const sums = { ...one };
  for (const [name, counts] of Object.entries(other)) sums[name] = addCounts(counts, sums[name]);
  return sums;
}

function addCounts(one: JobCounts, other: JobCounts = { waiting: 0, running: 0 }): JobCounts {
  return { waiting: one.waiting + other.waiting, running: one.running + other.running };
}
