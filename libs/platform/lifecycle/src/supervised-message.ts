/** What a process tells the supervisor that started it, over IPC. Processes of one checkout have one version of it. */
export type SupervisedMessage =
  | {
      type: 'ready';
      /** Where it serves: the API's base URL, or host:port. */
      address?: string;
      /** host:port of its /livez, /readyz and /metrics, when it serves them on a port of their own. */
      healthAddress?: string;
    }
  | {
      type: 'fatal';
      /** Why it ends, in one sentence. */
      message: string;
    }
  | {
      /** The answer to a ping: its event loop turns. */
      type: 'pong';
    }
  | ModelReport;

/** What a supervisor asks a process that it started, over IPC. */
export interface SupervisorMessage {
  /** Whether it still does its work; a process that is stopped or blocked does not answer. */
  type: 'ping';
}

/** How the model comes along, from its place and its download to an answer. */
export type ModelReport = ReplicaReport | UnplacedReport | DownloadReport;

/** Sent by runners on every change of a replica. */
export interface ReplicaReport {
  type: 'replica';
  replicaId: string;
  deploymentId: string;
  state: 'loading' | 'ready' | 'draining' | 'stopped' | 'failed';
  /** Why it failed, in one sentence; empty otherwise. */
  message: string;
  /** 0..1 while loading. */
  progress: number;
}

/** Sent by schedulers when a deployment is not placed, and again for every other reason. */
export interface UnplacedReport {
  type: 'unplaced';
  deploymentId: string;
  /** Whether time alone may place it: a runner is joining, or a dry run goes on. */
  transient: boolean;
  /** What stands in the way, in one sentence with numbers. */
  message: string;
}

/** Sent by runners while weights are fetched, once for each whole percent. */
interface DownloadReport {
  type: 'download';
  /** 0..100. */
  percent: number;
  totalBytes: number;
}

/** Sends a message if this process has a supervisor; resolves when it was handed to the operating system. */
export function tellSupervisor(message: SupervisedMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    // A supervisor that has just gone is noticed by the closed channel, not here.
    else process.send(message, undefined, {}, () => resolve());
  });
}
