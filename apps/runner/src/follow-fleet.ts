import type { FleetClient, FleetStream } from '@millrace/adapters/fleet';
import type { EstimateFootprint } from '@millrace/contracts/runner-protocol';
import { estimateFootprint } from './estimate-footprint.js';
import type { ObserveDevices } from './observe-devices.js';
import type { OwnerLinks } from './owner-links.js';
import type { HostedReplicas } from './reconcile.js';
import type { ReplicaTools } from './hosted-replica.js';

const HEARTBEAT_MS = 5_000;
/** Changes that come together go out as one heartbeat. */
const TELL_SOON_MS = 50;

export interface FollowOptions {
  fleet: FleetClient;
  credential: string;
  labels: Record<string, string>;
  bootId: string;
  observeDevices: ObserveDevices;
  links: OwnerLinks;
  replicas: HostedReplicas;
  replicaTools: ReplicaTools;
  /** The scheduler wants this process no more; trying again does not help. */
  onRefused: (error: Error) => void;
}

/** Keeps the Sync stream: assignments and addresses come in, heartbeats and estimates go out. */
export class FleetFollower {
  private stream: FleetStream | undefined;
  private interval: NodeJS.Timeout | undefined;
  private soon: NodeJS.Timeout | undefined;

  constructor(private readonly options: FollowOptions) {}

  /** Resolves when the first stream is up. */
  async start(): Promise<void> {
    const { fleet, credential, bootId, labels, links, replicas, replicaTools, onRefused } = this.options;
    const hello = { bootId, version: '1', engines: [...replicaTools.drivers.keys()], labels };
    this.stream = fleet.sync({
      credential,
      hello,
      onRefused,
      onAssignments: (assignments) => {
        replicas.reconcile(assignments);
      },
      onApiDirectory: ({ processes }) => {
        links.updateDirectory(processes);
      },
      onEstimateFootprint: (question) => {
        this.inBackground(this.answerEstimate(question), 'estimate a footprint');
      },
    });
    this.interval = setInterval(() => {
      this.tell();
    }, HEARTBEAT_MS);
    this.tell();
    await this.stream.whenUp;
  }

  /** Whether a scheduler is connected now. */
  get isConnected(): boolean {
    return this.stream?.isUp ?? false;
  }

  /** Something has changed that the scheduler should know before the next heartbeat. */
  tellSoon(): void {
    this.soon ??= setTimeout(() => {
      this.tell();
    }, TELL_SOON_MS);
  }

  close(): void {
    clearInterval(this.interval);
    clearTimeout(this.soon);
    this.stream?.close();
  }

  private tell(): void {
    clearTimeout(this.soon);
    this.soon = undefined;
    this.inBackground(this.sendHeartbeat(), 'send a heartbeat');
  }

  private async sendHeartbeat(): Promise<void> {
    const { replicas, observeDevices } = this.options;
    const devices = await observeDevices(replicas);
    const { epoch, generation } = replicas.observed;
    this.stream?.sendHeartbeat({
      devices,
      replicas: replicas.observations(),
      observedGeneration: generation,
      observedEpoch: epoch,
    });
  }

  private async answerEstimate(question: EstimateFootprint): Promise<void> {
    const estimate = await estimateFootprint(question, this.options.replicaTools);
    this.stream?.sendEstimate({ estimateId: question.estimateId, ...estimate });
  }

  private inBackground(work: Promise<void>, what: string): void {
    work.catch((error: unknown) => {
      this.options.replicaTools.logger.error({ err: error }, `could not ${what}`);
    });
  }
}
