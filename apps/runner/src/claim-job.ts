import type { TakenTicket } from '@millrace/adapters/completion-queue';
import { GoneReason, type Assign, type OwnerEvent, type Payload } from '@millrace/contracts/runner-protocol';
import type { AttemptObserver } from './metrics/attempt-observer.js';
import type { OwnerConnection, OwnerLinks } from './owner-links.js';
import { SendCredit } from './send-credit.js';

/** How long a ticket waits for a link to its owner. */
const LINK_WITHIN_MS = 2_000;
/** How long a ticket rests when its owner is alive but out of reach, so that it does not come back at once. */
const REST_MS = 500;
/** How long tickets of an owner that was not found are dropped without looking for it again. */
const SKIP_OWNER_MS = 10_000;

/** The right to generate one attempt, bound to one link. */
export interface Assignment {
  jobId: string;
  attempt: number;
  payload: Payload;
  connection: OwnerConnection;
  /** Aborts when the owner cancels, the link breaks or the time is up. */
  signal: AbortSignal;
  /** What may be sent before the caller has read on. */
  credit: SendCredit;
  /** Ends the generation as if the owner had cancelled it. */
  abort(): void;
  release(): void;
}

export interface ClaimTools {
  links: OwnerLinks;
  replicaId: string;
  /** Owners that were not found lately, with the time until which they are skipped. */
  skippedOwners: Map<string, number>;
  /** Counts what happens. */
  observer?: AttemptObserver;
  onError(error: unknown, what: string): void;
}

type ClaimAnswer = Extract<NonNullable<OwnerEvent['event']>, { $case: 'assign' | 'gone' | 'retry' }>;

/**
 * Asks the owner of a ticket for its payload and ends the ticket either way.
 * Undefined when there is nothing to generate. No claim, no work, no output.
 */
export async function claimJob(taken: TakenTicket, tools: ClaimTools): Promise<Assignment | undefined> {
  const { observer } = tools;
  observer?.took();
  const connection = await connect(taken, tools);
  if (connection === undefined) {
    observer?.claimed('no_link');
    return undefined;
  }
  const claim = Claim.ask(taken, tools.replicaId, connection);
  if (claim === undefined) {
    observer?.claimed('repeated');
    // The ticket has come back while its attempt is in this runner's hands.
    await taken.complete();
    return undefined;
  }
  const answer = await claim.answer;
  observer?.claimed(answer?.$case ?? 'link_lost');
  if (answer?.$case === 'assign') {
    endTicket(taken.complete(), tools);
    return claim.assignment(answer.value);
  }
  claim.release();
  await endUnclaimed(taken, answer);
  return undefined;
}

async function endUnclaimed(taken: TakenTicket, answer: Exclude<ClaimAnswer, { $case: 'assign' }> | undefined) {
  switch (answer?.$case) {
    case 'gone':
      // The job waits on, for a replica that is still assigned.
      if (answer.value.reason === GoneReason.GONE_REASON_NOT_HOSTED) return taken.giveBack(REST_MS);
      return taken.complete();
    case 'retry':
      return taken.giveBack(answer.value.afterMs);
    case undefined:
      return taken.giveBack(REST_MS);
  }
}

/**
 * A living owner adds a lost ticket again, so the ticket of an owner that nobody lists can be dropped;
 * one that is listed but out of reach goes back to the queue.
 */
async function connect(taken: TakenTicket, tools: ClaimTools): Promise<OwnerConnection | undefined> {
  const { owner } = taken.ticket;
  const isSkipped = (tools.skippedOwners.get(owner) ?? 0) > Date.now();
  const connection = await tools.links.connectionTo(owner, isSkipped ? 0 : LINK_WITHIN_MS);
  if (connection) {
    tools.skippedOwners.delete(owner);
    return connection;
  }
  if (!isSkipped) tools.skippedOwners.set(owner, Date.now() + SKIP_OWNER_MS);
  await (tools.links.isListed(owner) ? taken.giveBack(REST_MS) : taken.complete());
  return undefined;
}

function endTicket(work: Promise<void>, tools: ClaimTools): void {
  // A ticket that stays is taken again and its claim refused.
  work.catch((error: unknown) => {
    tools.onError(error, 'complete a ticket');
  });
}

/** One conversation with the owner about one attempt. */
class Claim {
  readonly answer: Promise<ClaimAnswer | undefined>;
  private readonly abort = new AbortController();
  private settle!: (answer: ClaimAnswer | undefined) => void;
  private credit: SendCredit | undefined;
  private stopListening: (() => void) | undefined;
  private deadline: NodeJS.Timeout | undefined;

  private constructor(
    private readonly taken: TakenTicket,
    private readonly connection: OwnerConnection,
  ) {
    this.answer = new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  /** Sends the claim; undefined when this runner has asked for the attempt already. */
  static ask(taken: TakenTicket, replicaId: string, connection: OwnerConnection): Claim | undefined {
    const claim = new Claim(taken, connection);
    const { jobId, attempt, deploymentId, owner } = taken.ticket;
    claim.stopListening = connection.listen(taken.ticket, {
      onEvent: (event) => {
        if (event.$case === 'credit') claim.credit?.give(event.value.tokens);
        if (event.$case === 'cancel') claim.end();
        if (event.$case === 'assign' || event.$case === 'gone' || event.$case === 'retry') claim.settle(event);
      },
      onDown: () => {
        claim.end();
        claim.settle(undefined);
      },
    });
    if (claim.stopListening === undefined) return undefined;
    connection.send({ $case: 'claim', value: { jobId, attempt, deploymentId, replicaId, owner } });
    return claim;
  }

  assignment({ payload, totalDeadlineMs, creditTokens }: Assign): Assignment {
    if (payload === undefined) throw new Error('The owner has granted a claim without a payload.');
    if (totalDeadlineMs > 0) {
      this.deadline = setTimeout(() => {
        this.end();
      }, totalDeadlineMs);
    }
    const credit = new SendCredit(creditTokens);
    this.credit = credit;
    if (this.abort.signal.aborted) credit.lift();
    const { jobId, attempt } = this.taken.ticket;
    return {
      jobId,
      attempt,
      payload,
      connection: this.connection,
      signal: this.abort.signal,
      credit,
      abort: () => {
        this.end();
      },
      release: () => {
        this.release();
      },
    };
  }

  release(): void {
    clearTimeout(this.deadline);
    this.stopListening?.();
  }

  /** Aborts the generation, also one that waits for credit. */
  private end(): void {
    this.abort.abort();
    this.credit?.lift();
  }
}
