import { serveTokenStream, type OwnerLink, type TokenStreamServer } from '@millrace/adapters/token-stream';
import { GoneReason, type RunnerEvent } from '@millrace/contracts/runner-protocol';
import type { OrphanReports } from '../metering/keep-orphan-reports.js';
import type { JobOwner } from '../queueing/job-owner.js';
import type { RunnerRights } from './runner-rights.js';

export interface RunnerLinksOptions {
  /** host:port to listen on; port 0 picks one. */
  listen: string;
  owner: string;
  jobs: JobOwner;
  orphanReports: Pick<OrphanReports, 'hear'>;
  rights: Pick<RunnerRights, 'add' | 'remove' | 'mayClaim'>;
  authenticate: (credential: string) => Promise<{ runnerId: string } | undefined>;
  onError: (error: unknown, what: string) => void;
}

/** How long a ticket rests whose claim cannot be judged now. */
const RETRY_MS = 500;

/** Lets runners connect, and tells the JobOwner what they say and when they are gone. */
export async function acceptRunnerLinks(options: RunnerLinksOptions): Promise<TokenStreamServer> {
  const { listen, owner, jobs, orphanReports, rights, authenticate } = options;
  return serveTokenStream({
    listen,
    owner,
    authenticate,
    onLink: (link) => {
      jobs.addLink(link);
      rights.add(link);
      const claims = new ClaimJudge(link, options);
      return {
        onEvent: (event) => {
          if (event.$case === 'orphaned') orphanReports.hear(link, event.value);
          else if (event.$case === 'claim') claims.hear(event);
          else jobs.hear(link, event);
        },
        onLost: () => {
          claims.stop();
          rights.remove(link);
          jobs.loseLink(link.id);
        },
      };
    },
    onError: (error) => {
      options.onError(error, 'carry a runner link');
    },
  });
}

type ClaimEvent = Extract<NonNullable<RunnerEvent['event']>, { $case: 'claim' }>;

/** Lets those claims of one link through that its runner may make. */
class ClaimJudge {
  private over = false;

  constructor(
    private readonly link: OwnerLink,
    private readonly options: Pick<RunnerLinksOptions, 'jobs' | 'rights' | 'onError'>,
  ) {}

  hear(event: ClaimEvent): void {
    const verdict = this.options.rights.mayClaim(this.link, event.value.deploymentId);
    if (verdict === true) this.options.jobs.hear(this.link, event);
    else void this.hearLater(event, verdict);
  }

  /** The link is gone: a claim that is still looked at is nobody's. */
  stop(): void {
    this.over = true;
  }

  private async hearLater(event: ClaimEvent, verdict: Promise<boolean>): Promise<void> {
    const { jobId, attempt } = event.value;
    try {
      const mayClaim = await verdict;
      if (this.over) return;
      if (mayClaim) return this.options.jobs.hear(this.link, event);
      this.link.send({ $case: 'gone', value: { jobId, attempt, reason: GoneReason.GONE_REASON_NOT_HOSTED } });
    } catch (error) {
      this.options.onError(error, 'look up what a runner hosts');
      if (!this.over) this.link.send({ $case: 'retry', value: { jobId, attempt, afterMs: RETRY_MS } });
    }
  }
}
