import { serveTokenStream, type TokenStreamServer } from '@millrace/adapters/token-stream';
import type { OrphanReports } from '../metering/keep-orphan-reports.js';
import type { JobOwner } from '../queueing/job-owner.js';

export interface RunnerLinksOptions {
  /** host:port to listen on; port 0 picks one. */
  listen: string;
  owner: string;
  jobs: JobOwner;
  orphanReports: Pick<OrphanReports, 'hear'>;
  authenticate: (credential: string) => Promise<{ runnerId: string } | undefined>;
  onError: (error: unknown, what: string) => void;
}

/** Lets runners connect, and tells the JobOwner what they say and when they are gone. */
export async function acceptRunnerLinks(options: RunnerLinksOptions): Promise<TokenStreamServer> {
  const { listen, owner, jobs, orphanReports, authenticate } = options;
  return serveTokenStream({
    listen,
    owner,
    authenticate,
    onLink: (link) => {
      jobs.addLink(link);
      return {
        onEvent: (event) => {
          if (event.$case === 'orphaned') orphanReports.hear(link, event.value);
          else jobs.hear(link, event);
        },
        onLost: () => {
          jobs.loseLink(link.id);
        },
      };
    },
    onError: (error) => {
      options.onError(error, 'carry a runner link');
    },
  });
}
