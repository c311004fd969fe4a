import type { TakenTicket } from '@millrace/adapters/completion-queue';
import type { EngineReplica } from '@millrace/adapters/engines';
import type { TokenStreamServer } from '@millrace/adapters/token-stream';
import type { Ticket } from '@millrace/contracts/job-contract';
import { newId } from '@millrace/platform/ids';
import { acceptRunnerLinks } from '../../../api/src/links/runner-links.js';
import { JobOwner } from '../../../api/src/queueing/job-owner.js';
import type { LinkOut } from '../../../api/src/queueing/links-out.js';
import type { JobEnd, JobSpec, OwnedJob } from '../../../api/src/queueing/owned-job.js';
import { OwnerLinks } from '../../../runner/src/owner-links.js';
import { serveJob } from '../../../runner/src/serve-job.js';
import { CuttablePath } from './cuttable-path.js';

const OWNER = 'boot-1';
/** No deadline is what these tests are about. */
const DEADLINE_MS = 600_000;

export type Question = JobSpec['payload'];
type Heard = Parameters<JobOwner['hear']>[1];

/** What a caller got, and what was counted for it. */
export interface HeardAnswer {
  text: string;
  tokenIds: number[];
  end: JobEnd;
  /** Tokens that had reached the owner when a link broke, one number for each cut. */
  brokenAfter: number[];
}

/** One answer on its way: attempt n runs behind a path that breaks after `cuts[n - 1]` tokens have reached the owner. */
interface Disturbance {
  job: OwnedJob | undefined;
  cuts: readonly number[];
  paths: CuttablePath[];
  brokenAfter: number[];
  attempts: Promise<void>[];
}

/** The owner, and the place where links are cut: whatever a runner says after the cut has never arrived. */
class OwnerBehindCuts extends JobOwner {
  readonly disturbances = new Map<string, Disturbance>();
  private readonly broken = new Set<string>();

  override hear(link: LinkOut, event: Heard): void {
    if (this.broken.has(link.id)) return;
    super.hear(link, event);
    if (event.$case !== 'claim' && event.$case !== 'chunk') return;
    const { jobId, attempt } = event.value;
    const disturbance = this.disturbances.get(jobId);
    const delivered = disturbance?.job?.deliveredTokenIds.length ?? 0;
    if (disturbance === undefined || delivered < (disturbance.cuts[attempt - 1] ?? Infinity)) return;
    this.broken.add(link.id);
    disturbance.brokenAfter.push(delivered);
    disturbance.paths[attempt - 1]?.cut();
  }
}

/**
 * The owner of jobs and its runners in one process, on a real engine and real gRPC; only the queue is left out:
 * whoever is to take an attempt gets its ticket at once.
 */
export class OwnerAndRunners {
  readonly errors: unknown[] = [];
  private readonly steadyRunner: OwnerLinks;

  private constructor(
    private readonly owner: OwnerBehindCuts,
    private readonly server: TokenStreamServer,
    private readonly replica: EngineReplica,
  ) {
    this.steadyRunner = runnerAt(`127.0.0.1:${String(server.port)}`);
  }

  static async start(replica: EngineReplica): Promise<OwnerAndRunners> {
    const onError = (error: unknown): void => void all.errors.push(error);
    const tickets = {
      add: async (ticket: Ticket): Promise<void> => all.take(ticket),
      remove: async (): Promise<void> => Promise.resolve(),
      missing: async (): Promise<Ticket[]> => Promise.resolve([]),
    };
    const owner = new OwnerBehindCuts({ owner: OWNER, tickets, nowMs: Date.now, onError });
    const authenticate = async (): Promise<{ runnerId: string }> => Promise.resolve({ runnerId: 'run_1' });
    const links = { listen: '127.0.0.1:0', owner: OWNER, jobs: owner, authenticate };
    // A link that a test breaks is no error.
    const server = await acceptRunnerLinks({ ...links, onError: () => undefined });
    const all = new OwnerAndRunners(owner, server, replica);
    return all;
  }

  /** Answers a question; the link of attempt n breaks the moment `cuts[n - 1]` tokens have reached the owner. */
  async answer(question: Question, ...cuts: number[]): Promise<HeardAnswer> {
    const jobId = newId('ses');
    const paths = await Promise.all(cuts.map(() => CuttablePath.to(this.server.port)));
    const disturbance: Disturbance = { job: undefined, cuts, paths, brokenAfter: [], attempts: [] };
    this.owner.disturbances.set(jobId, disturbance);
    const job = this.owner.listen(specOf(jobId, question));
    disturbance.job = job;
    let text = '';
    job.listener = { onPiece: (piece) => (text += piece.text), onTimeOut: () => undefined };
    await this.owner.enqueue(job);
    const end = await job.ended;
    this.owner.release(job);
    await Promise.all(disturbance.attempts);
    for (const path of paths) path.cut();
    this.owner.disturbances.delete(jobId);
    return { text, tokenIds: job.deliveredTokenIds, end, brokenAfter: disturbance.brokenAfter };
  }

  close(): void {
    this.steadyRunner.close();
    this.server.close();
  }

  private take(ticket: Ticket): void {
    const disturbance = this.owner.disturbances.get(ticket.jobId);
    const path = disturbance?.paths[ticket.attempt - 1];
    disturbance?.attempts.push(path === undefined ? this.serve(ticket) : this.serveBehind(path, ticket));
  }

  private async serveBehind(path: CuttablePath, ticket: Ticket): Promise<void> {
    const runner = runnerAt(path.address);
    await this.serve(ticket, runner);
    runner.close();
  }

  private async serve(ticket: Ticket, links = this.steadyRunner): Promise<void> {
    const taken: TakenTicket = {
      ticket,
      complete: async () => Promise.resolve(),
      giveBack: async () => Promise.resolve(),
    };
    await serveJob(taken, {
      links,
      replica: this.replica,
      replicaId: 'rep_1',
      skippedOwners: new Map(),
      // Every token goes out at once, so that a link can break between any two.
      pacer: { idle: true, later: () => undefined },
      handOver: new AbortController().signal,
      onError: (error) => this.errors.push(error),
    });
  }
}

function runnerAt(address: string): OwnerLinks {
  const links = new OwnerLinks('credential', () => undefined);
  links.updateDirectory([{ owner: OWNER, address }]);
  return links;
}

function specOf(jobId: string, payload: Question): JobSpec {
  return {
    jobId,
    tenantId: 'ten_1',
    deploymentId: 'dep_1',
    promptTokensEstimate: 1,
    answerTokensEstimate: 1,
    payload,
    startDeadlineMs: DEADLINE_MS,
    firstTokenDeadlineMs: DEADLINE_MS,
    interTokenDeadlineMs: DEADLINE_MS,
    totalDeadlineMs: DEADLINE_MS,
  };
}
