import type { Redis } from 'ioredis';
import { TicketQueues } from '@millrace/adapters/completion-queue';
import { MonthUsageStore, RunnerStore, UsageStore, type DataSource } from '@millrace/adapters/postgres';
import type { Deadlines } from '@millrace/domain/claim';
import { hashSecret } from '@millrace/domain/tenancy';
import { newBootId } from '@millrace/platform/ids';
import type { Logger } from '@millrace/platform/observability';
import { LoadPacer } from '@millrace/platform/pacing';
import { startAdmission } from '../admission/start-admission.js';
import { Presence } from '../links/presence.js';
import { acceptRunnerLinks, type RunnerLinksOptions } from '../links/runner-links.js';
import { RunnerRights } from '../links/runner-rights.js';
import { startMetering } from '../metering/start-metering.js';
import type { ApiMetrics } from '../metrics/api-metrics.js';
import type { GatheredQueues } from '../queueing/gather-queues.js';
import type { WaitingCalls } from '../models/end-unservable.js';
import type { JobDirectory } from '../queueing/job-directory.js';
import { JobOwner } from '../queueing/job-owner.js';
import type { OwnedJob } from '../queueing/owned-job.js';
import { tellQueues } from '../queueing/tell-queues.js';
import { completeChat } from './complete-chat.js';
import type { CompleteChat, TellLimits } from './complete-chat-port.js';

/** How often deadlines are looked at, and so how late one can be noticed. */
const TIME_PASSES_MS = 50;
/** How often tickets are looked for that Redis has lost. */
const RESTORE_TICKETS_MS = 5_000;
/** How long a stopping process waits for runners to say what cancelled jobs have used. */
const SETTLE_MS = 1_000;

export interface CompletionOptions {
  dataSource: DataSource;
  /** Fails fast: no offline queue, one retry per request. */
  redis: Redis;
  /** A connection that only subscribes. */
  subscriber: Redis;
  pepper: string;
  tokenStream: { listen: string; address?: string };
  deadlines: Deadlines;
  maxOpenJobs: number;
  metrics: ApiMetrics;
  logger: Logger;
}

/** Everything behind `completeChat`, built up and running. */
export interface Completions {
  completeChat: CompleteChat;
  tellLimits: TellLimits;
  /** Tells runners where this process is, once it serves. */
  announce(): Promise<void>;
  /** Cancels every job: callers hear that the server is stopping. */
  cutShort(): void;
  /** What waits in this process. */
  waitingCalls: WaitingCalls;
  /** The queues of all API processes. */
  gatherQueues: () => Promise<GatheredQueues>;
  /** The jobs of all API processes. */
  directory: JobDirectory;
  /** Tells runners and schedulers good-bye; running streams end. */
  close(): Promise<void>;
}

/** Starts owning jobs: runners can connect once they are told where, tickets are kept, usage is written. */
export async function startCompletions(options: CompletionOptions): Promise<Completions> {
  const { dataSource, redis, logger, deadlines, maxOpenJobs, metrics } = options;
  const owner = newBootId();
  const onError = (error: unknown, what: string): void => {
    logger.warn({ err: error }, `could not ${what}`);
  };
  const tickets = new TicketQueues(redis, (error) => {
    onError(error, 'reach a queue');
  });
  const jobs = new JobOwner({ owner, tickets, nowMs: Date.now, onError });
  const metering = startMetering({ redis, owner, usage: new UsageStore(dataSource), metrics, onError });
  const { admission, close: closeAdmission } = startAdmission({
    ...{ redis, jobs, maxOpenJobs, metrics, onError },
    usage: new MonthUsageStore(dataSource),
  });
  const { recorder, journal, orphanReports } = metering;
  metrics.read({
    openJobs: () => jobs.countByPhase(),
    links: () => jobs.linksUp.count,
    usageRowsWaiting: metering.rowsWaiting,
  });
  const { server, presence, rights } = await openToRunners(options, { owner, jobs, orphanReports, onError });
  const queues = await tellQueues({ owner, redis, subscriber: options.subscriber, jobs, tickets, onError });
  const stopUpkeep = keepUp(jobs, redis, onError);
  const pacer = new LoadPacer();
  const tools = { admission, jobs, recorder, journal, deadlines, pacer, metrics, onError };
  return {
    completeChat: (call) => completeChat(call, tools),
    tellLimits: (principal) => admission.tellLimits(principal),
    announce: () => presence.announce(),
    cutShort: () => jobs.cancelAll(),
    waitingCalls: waitingCallsOf(jobs),
    gatherQueues: () => queues.gather(),
    directory: queues.directory,
    close: async () => {
      await settled(jobs);
      stopUpkeep();
      closeAdmission();
      pacer.close();
      await queues.close();
      await presence.withdraw().catch((error: unknown) => {
        onError(error, 'withdraw the presence of this process');
      });
      server.close();
      rights.stop();
      await metering.close();
      await tickets.close();
    },
  };
}

function waitingCallsOf(jobs: JobOwner): WaitingCalls {
  const deploymentOf = ({ state, spec }: OwnedJob) => (state.phase === 'waiting' ? [spec.deploymentId] : []);
  return {
    waitingDeployments: () => new Set([...jobs.all()].flatMap(deploymentOf)),
    endWaiting: (deploymentId, reason) => jobs.endWaiting(deploymentId, reason),
  };
}

/** Lets runners connect; `presence` tells schedulers where. */
async function openToRunners(
  { dataSource, redis, pepper, tokenStream }: CompletionOptions,
  carriers: Pick<RunnerLinksOptions, 'owner' | 'jobs' | 'orphanReports' | 'onError'>,
) {
  const runners = new RunnerStore(dataSource);
  const { listen, address } = tokenStream;
  const rights = new RunnerRights({ readHosted: (ids) => runners.hostedDeployments(ids), onError: carriers.onError });
  rights.start();
  const server = await acceptRunnerLinks({
    listen,
    ...carriers,
    rights,
    authenticate: (credential) => runners.findRunnerByCredential(hashSecret(pepper, credential)),
  });
  const reachedAt = address ?? `${listen.slice(0, listen.lastIndexOf(':'))}:${String(server.port)}`;
  const presence = new Presence(redis, { owner: carriers.owner, address: reachedAt }, carriers.onError);
  return { server, presence, rights };
}

/** Lets time pass for the jobs and looks after their tickets, also whenever Redis is back. */
function keepUp(jobs: JobOwner, redis: Redis, onError: (error: unknown, what: string) => void): () => void {
  const restore = (): void => {
    jobs.restoreTickets().catch((error: unknown) => {
      onError(error, 'look for lost tickets');
    });
  };
  const time = setInterval(() => {
    jobs.passTime();
  }, TIME_PASSES_MS);
  const tickets = setInterval(restore, RESTORE_TICKETS_MS);
  redis.on('ready', restore);
  return () => {
    clearInterval(time);
    clearInterval(tickets);
    redis.off('ready', restore);
  };
}

/** Resolves when no job is left, or when waiting any longer would cost the stop its time. */
async function settled(jobs: JobOwner): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, SETTLE_MS);
  });
  await Promise.race([jobs.idle(), patience]);
  clearTimeout(timer);
}
