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
import { serveJob, type ServeTools } from '../../../runner/src/serve-job.js';
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
  /** Tokens that had reached the owner when an attempt was disturbed, one number for each. */
  brokenAfter: number[];
}

/** What happens to one attempt, the moment so many tokens of the answer have reached the owner. */
export interface Disturbance {
  afterTokens: number;
  /** The link breaks, the runner stops gracefully, or whatever a test does. */
  by: 'cut' | 'stop' | ((stopRunner: () => void) => void);
}

export function cutAfter(afterTokens: number): Disturbance {
  return { afterTokens, by: 'cut' };
}

export function stopAfter(afterTokens: number): Disturbance {
  return { afterTokens, by: 'stop' };
}

/** An attempt that is to be disturbed: its runner has a path of its own to the owner. */
interface DisturbedAttempt extends Disturbance {
  path: CuttablePath;
  handOver: AbortController;
}

/** One answer on its way. */
interface AnswerOnItsWay {
  job: OwnedJob | undefined;
  disturbed: DisturbedAttempt[];
  brokenAfter: number[];
  attempts: Promise<void>[];
}

/** The owner, and the place where attempts are disturbed: whatever a runner says after a cut has never arrived. */
class DisturbedOwner extends JobOwner {
  readonly answers = new Map<string, AnswerOnItsWay>();
  private readonly broken = new Set<string>();

  override hear(link: LinkOut, event: Heard): void {
    if (this.broken.has(link.id)) return;
    super.hear(link, event);
    if (event.$case !== 'claim' && event.$case !== 'chunk') return;
    const answer = this.answers.get(event.value.jobId);
    const attempt = answer?.disturbed[event.value.attempt - 1];
    const delivered = answer?.job?.deliveredTokenIds.length ?? 0;
    if (attempt === undefined || delivered < attempt.afterTokens) return;
    answer?.brokenAfter.push(delivered);
    if (attempt.by === 'cut') this.broken.add(link.id);
    disturb(attempt);
  }
}

function disturb(attempt: DisturbedAttempt): void {
  const { by, path, handOver } = attempt;
  const stopRunner = (): void => handOver.abort();
  // Once.
  attempt.afterTokens = Infinity;
  if (by === 'cut') path.cut();
  else if (by === 'stop') stopRunner();
  else by(stopRunner);
}

/**
 * The owner of jobs and its runners in one process, on a real engine and real gRPC; only the queue is left out:
 * whoever is to take an attempt gets its ticket at once.
 */
export class OwnerAndRunners {
  /** What runners reported as going wrong. */
  readonly errors: unknown[] = [];
  private readonly steadyRunner: OwnerLinks;

  private constructor(
    private readonly owner: DisturbedOwner,
    private readonly server: TokenStreamServer,
    private readonly replicas: { disturbed: EngineReplica; steady: EngineReplica },
  ) {
    this.steadyRunner = runnerAt(`127.0.0.1:${String(server.port)}`);
  }

  /** Attempts that are to be disturbed run on the one replica, all others on the steady one. */
  static async start(disturbed: EngineReplica, steady = disturbed): Promise<OwnerAndRunners> {
    const tickets = {
      add: async (ticket: Ticket): Promise<void> => all.take(ticket),
      remove: async (): Promise<void> => Promise.resolve(),
      missing: async (): Promise<Ticket[]> => Promise.resolve([]),
    };
    const onError = (error: unknown): void => void all.errors.push(error);
    const owner = new DisturbedOwner({ owner: OWNER, tickets, nowMs: Date.now, onError });
    const authenticate = async (): Promise<{ runnerId: string }> => Promise.resolve({ runnerId: 'run_1' });
    const links = { listen: '127.0.0.1:0', owner: OWNER, jobs: owner, authenticate };
    // A link that a test breaks is no error.
    const server = await acceptRunnerLinks({
      ...links,
      orphanReports: { hear: () => undefined },
      rights: { add: () => undefined, remove: () => undefined, mayClaim: () => true },
      onError: () => undefined,
    });
    const all = new OwnerAndRunners(owner, server, { disturbed, steady });
    return all;
  }

  /** Answers a question; its attempt n meets `disturbances[n - 1]`. */
  async answer(question: Question, ...disturbances: Disturbance[]): Promise<HeardAnswer> {
    const jobId = newId('ses');
    const disturbed = await Promise.all(disturbances.map((one) => this.prepare(one)));
    const answer: AnswerOnItsWay = { job: undefined, disturbed, brokenAfter: [], attempts: [] };
    this.owner.answers.set(jobId, answer);
    const job = this.owner.listen(specOf(jobId, question));
    answer.job = job;
    let text = '';
    job.listener = { onPiece: (piece) => (text += piece.text), onTimeOut: () => undefined };
    await this.owner.enqueue(job);
    const end = await job.ended;
    this.owner.release(job);
    await Promise.all(answer.attempts);
    for (const { path } of disturbed) path.cut();
    this.owner.answers.delete(jobId);
    return { text, tokenIds: job.deliveredTokenIds, end, brokenAfter: answer.brokenAfter };
  }

  close(): void {
    this.steadyRunner.close();
    this.server.close();
  }

  private async prepare(disturbance: Disturbance): Promise<DisturbedAttempt> {
    return { ...disturbance, path: await CuttablePath.to(this.server.port), handOver: new AbortController() };
  }

  private take(ticket: Ticket): void {
    const answer = this.owner.answers.get(ticket.jobId);
    const attempt = answer?.disturbed[ticket.attempt - 1];
    answer?.attempts.push(attempt === undefined ? this.serveSteadily(ticket) : this.serveDisturbed(ticket, attempt));
  }

  private async serveSteadily(ticket: Ticket): Promise<void> {
    const handOver = new AbortController().signal;
    await this.serve(ticket, { links: this.steadyRunner, replica: this.replicas.steady, handOver });
  }

  private async serveDisturbed(ticket: Ticket, { path, handOver }: DisturbedAttempt): Promise<void> {
    const links = runnerAt(path.address);
    await this.serve(ticket, { links, replica: this.replicas.disturbed, handOver: handOver.signal });
    links.close();
  }

  private async serve(ticket: Ticket, runner: Pick<ServeTools, 'links' | 'replica' | 'handOver'>): Promise<void> {
    const taken: TakenTicket = {
      ticket,
      complete: async () => Promise.resolve(),
      giveBack: async () => Promise.resolve(),
    };
    await serveJob(taken, {
      ...runner,
      replicaId: 'rep_1',
      skippedOwners: new Map(),
      // Every token goes out at once, so that a link can break between any two.
      pacer: { idle: true, later: () => undefined },
      onError: (error) => this.errors.push(error),
    });
  }
}

function runnerAt(address: string): OwnerLinks {
  const links = new OwnerLinks('credential', () => undefined);
  links.updateDirectory([{ owner: OWNER, address }]);
  return links;
}

export function specOf(jobId: string, payload: Question): JobSpec {
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
