import type { TakenTicket } from '@millrace/adapters/completion-queue';
import type { EngineReplica } from '@millrace/adapters/engines';
import type { Pacer } from '@millrace/platform/pacing';
import { claimJob, type ClaimTools } from './claim-job.js';
import { generateRequest } from './generate-request.js';
import { AttemptPublisher, isCallersFault } from './attempt-publisher.js';

/** What a replica needs to serve a job. */
export interface ServeTools extends ClaimTools {
  replica: Pick<EngineReplica, 'generate'>;
  /** While this process is busy, tokens are gathered before they are sent. */
  pacer: Pacer;
  /** Aborts when the runner's grace is over: what runs then is handed over to another replica. */
  handOver: AbortSignal;
}

/**
 * The life of one attempt on a runner: take, generate, publish, release.
 * Never rejects for a reason that lies in the job: that is told to the owner.
 */
export async function serveJob(taken: TakenTicket, tools: ServeTools): Promise<void> {
  // 1. take: the claim, not the ticket, gives the right to work
  const assignment = await claimJob(taken, tools);
  if (assignment === undefined) return;
  const publisher = new AttemptPublisher(assignment);
  const handOver = (): void => {
    publisher.handOver();
    assignment.abort();
  };
  tools.handOver.addEventListener('abort', handOver);
  if (tools.handOver.aborted) handOver();
  try {
    // 2. generate
    const request = generateRequest(assignment.payload);
    for await (const event of tools.replica.generate(request, assignment.signal, tools.pacer)) {
      // 3. publish
      publisher.publish(event);
      if (event.kind === 'finished') tools.observer?.ended(outcomeOf(event.reason, tools), event.usage);
      const held = event.kind === 'chunk' ? assignment.credit.used() : undefined;
      if (held !== undefined) await held;
    }
  } catch (error) {
    const { code, usage } = publisher.fail(error);
    tools.observer?.ended(code, usage);
    if (!isCallersFault(error)) tools.onError(error, 'generate an answer');
  } finally {
    // 4. release
    tools.handOver.removeEventListener('abort', handOver);
    assignment.release();
  }
}

/** An answer that ends because the runner's grace is over goes on elsewhere. */
function outcomeOf(reason: string, { handOver }: ServeTools): string {
  return reason === 'cancelled' && handOver.aborted ? 'handed_over' : reason;
}
