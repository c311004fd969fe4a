import { setMaxListeners } from 'node:events';
import { TicketTaker } from '@millrace/adapters/completion-queue';
import { EngineError, type EngineDriver, type EngineReplica } from '@millrace/adapters/engines';
import { ReplicaState, type ReplicaAssignment, type ReplicaObservation } from '@millrace/contracts/runner-protocol';
import type { Logger } from '@millrace/platform/observability';
import type { Pacer } from '@millrace/platform/pacing';
import type { ClaimTools } from './claim-job.js';
import type { Keeping } from './keep-engines.js';
import type { ArtifactTools } from './replica-settings.js';
import { ReplicaService } from './serve-replica.js';
import { startEngine, type Beginning, type StartObserver } from './start-engine.js';

/** How long a replica that is to stop may finish what it generates. */
const DRAIN_MS = 30_000;

export interface ReplicaTools extends ArtifactTools {
  drivers: ReadonlyMap<string, EngineDriver>;
  redisUrl: string;
  links: ClaimTools['links'];
  skippedOwners: ClaimTools['skippedOwners'];
  pacer: Pacer;
  observer?: NonNullable<ClaimTools['observer']> & StartObserver;
  /** Left out: engines end with this process. */
  keeping?: Keeping;
  logger: Logger;
}

/** One assigned replica from its load to its stop. Owns the engine process and the take loop. */
export class HostedReplica {
  private state = ReplicaState.REPLICA_STATE_LOADING;
  private message = '';
  private progress = 0;
  private replica: EngineReplica | undefined;
  private service: ReplicaService | undefined;
  private readonly loading = new AbortController();
  private readonly handOver = new AbortController();
  private handOverAt: { ms: number; timer: NodeJS.Timeout } | undefined;
  private loadMs = 0;
  private readyAtMs: number | undefined;

  constructor(
    readonly assignment: ReplicaAssignment,
    private readonly tools: ReplicaTools,
    private readonly onChange: (replica: HostedReplica) => void,
  ) {
    // Every job in a slot listens.
    setMaxListeners(0, this.handOver.signal);
  }

  /** Of a replica that serves. */
  get slots(): { used: number; free: number } {
    const used = this.service?.usedSlots ?? 0;
    const all = this.state === ReplicaState.REPLICA_STATE_READY ? (this.replica?.slots ?? 0) : used;
    return { used, free: all - used };
  }

  /** Loads the model, or goes on with what was kept, and serves its queue; a failure is told by the observation. */
  async run(beginning: Beginning): Promise<void> {
    const { deploymentId } = this.assignment;
    try {
      const replica = await this.start(beginning);
      if (this.loading.signal.aborted) {
        await replica.stop();
        return;
      }
      const { logger, redisUrl } = this.tools;
      const onError = (error: Error) => {
        logger.warn({ err: error, deploymentId }, 'the queue is out of reach');
      };
      const taker = new TicketTaker(redisUrl, deploymentId, onError, () => {
        logger.info({ deploymentId }, 'the queue is back');
      });
      this.service = new ReplicaService(taker, this.serveTools(replica), replica.slots);
      await taker.start();
      // While the queue was out of reach the replica may have been stopped, or its engine may have died.
      if (this.state !== ReplicaState.REPLICA_STATE_LOADING) return;
      this.readyAtMs = performance.now();
      this.become(ReplicaState.REPLICA_STATE_READY);
      await this.service.run();
    } catch (error) {
      await this.fail(error);
    }
  }

  /** Finishes what runs (bounded by `graceMs`), hands the rest over and ends the engine. */
  async stop(graceMs = DRAIN_MS): Promise<void> {
    this.become(ReplicaState.REPLICA_STATE_DRAINING);
    this.loading.abort();
    this.handOverWithin(graceMs);
    await this.service?.stopTaking();
    await this.service?.drained();
    clearTimeout(this.handOverAt?.timer);
    await this.replica?.stop();
    this.become(ReplicaState.REPLICA_STATE_STOPPED);
  }

  /** This process stops for good: whatever happens to it now, its engine is not kept. */
  endWithRunner(): void {
    this.replica?.endWithRunner();
  }

  /** Sets, or shortens, the time after which running jobs are handed over to another replica. */
  handOverWithin(graceMs: number): void {
    const ms = performance.now() + graceMs;
    if (this.handOverAt !== undefined && this.handOverAt.ms <= ms) return;
    clearTimeout(this.handOverAt?.timer);
    const timer = setTimeout(() => {
      this.handOver.abort();
    }, graceMs);
    this.handOverAt = { ms, timer };
  }

  /** Memory of the device that is freed only when the engine has ended; devices of a group hold equal shares. */
  heldBytes(deviceKey: string): number {
    const devices = [this.assignment.deviceKey, ...this.assignment.peerDeviceKeys];
    const isGone =
      this.state === ReplicaState.REPLICA_STATE_FAILED || this.state === ReplicaState.REPLICA_STATE_STOPPED;
    if (isGone || !devices.includes(deviceKey)) return 0;
    return Math.ceil((this.replica?.measuredBytes ?? 0) / devices.length);
  }

  observation(): ReplicaObservation {
    const { replicaId, spec } = this.assignment;
    return {
      replicaId,
      state: this.state,
      measuredBytes: this.replica?.measuredBytes ?? 0,
      slots: this.replica?.slots ?? spec?.slots ?? 0,
      contextLength: this.replica?.contextLength ?? spec?.contextLength ?? 0,
      message: this.message,
      progress: this.progress,
      ...this.activity(),
      loadMs: this.loadMs,
    };
  }

  private activity(): Pick<ReplicaObservation, 'inFlight' | 'readyForMs' | 'idleForMs'> {
    const inFlight = this.service?.usedSlots ?? 0;
    if (this.readyAtMs === undefined) return { inFlight, idleForMs: 0 };
    const nowMs = performance.now();
    const idleSinceMs = Math.max(this.readyAtMs, this.service?.lastServedAtMs ?? 0);
    const idleForMs = inFlight > 0 ? 0 : Math.round(nowMs - idleSinceMs);
    return { inFlight, readyForMs: Math.round(nowMs - this.readyAtMs), idleForMs };
  }

  private async start(beginning: Beginning): Promise<EngineReplica> {
    const onProgress = (progress: number) => {
      this.progress = progress;
      this.onChange(this);
    };
    const wish = { assignment: this.assignment, onProgress, signal: this.loading.signal };
    const { replica, loadMs } = await startEngine({ ...beginning, ...wish }, this.tools);
    this.loadMs = loadMs;
    this.replica = replica;
    this.watch(replica);
    return replica;
  }

  private watch(replica: EngineReplica): void {
    replica.exited
      .then(async ({ expected, message }) => {
        if (!expected) await this.fail(new EngineError('engine_crashed', message));
      })
      .catch((error: unknown) => {
        this.tools.logger.error({ err: error }, 'watching an engine process failed');
      });
  }

  private serveTools(replica: EngineReplica): ConstructorParameters<typeof ReplicaService>[1] {
    const { links, skippedOwners, pacer, logger, observer } = this.tools;
    const { replicaId } = this.assignment;
    return {
      replica,
      replicaId,
      links,
      skippedOwners,
      pacer,
      ...(observer !== undefined && { observer }),
      handOver: this.handOver.signal,
      onError: (error, what) => {
        logger.warn({ err: error, replicaId }, `could not ${what}`);
      },
    };
  }

  private async fail(error: unknown): Promise<void> {
    if (this.loading.signal.aborted || this.state === ReplicaState.REPLICA_STATE_FAILED) return;
    this.message = error instanceof Error ? error.message : String(error);
    this.tools.logger.error({ err: error, replicaId: this.assignment.replicaId }, 'the replica has failed');
    this.become(ReplicaState.REPLICA_STATE_FAILED);
    await this.service?.abandon();
    await this.replica?.stop();
  }

  private become(state: ReplicaState): void {
    this.state = state;
    this.onChange(this);
  }
}
