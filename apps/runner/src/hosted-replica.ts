import { setMaxListeners } from 'node:events';
import { resolveArtifact } from '@millrace/adapters/artifacts';
import { TicketTaker } from '@millrace/adapters/completion-queue';
import { EngineError, type EngineDriver, type EngineReplica, type ReplicaSettings } from '@millrace/adapters/engines';
import {
  ReplicaState,
  type ReplicaAssignment,
  type ReplicaObservation,
  type ReplicaSpec,
} from '@millrace/contracts/runner-protocol';
import type { Logger } from '@millrace/platform/observability';
import type { Pacer } from '@millrace/platform/pacing';
import { z } from 'zod';
import type { ClaimTools } from './claim-job.js';
import { ReplicaService } from './serve-replica.js';

/** How long a replica that is to stop may finish what it generates. */
const DRAIN_MS = 30_000;

export interface ReplicaTools {
  drivers: ReadonlyMap<string, EngineDriver>;
  redisUrl: string;
  links: ClaimTools['links'];
  skippedOwners: ClaimTools['skippedOwners'];
  pacer: Pacer;
  observer?: ClaimTools['observer'];
  artifacts: Omit<Parameters<typeof resolveArtifact>[1], 'signal'>;
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

  /** Loads the model and serves its queue; a failure is told by the observation. */
  async run(): Promise<void> {
    const { deploymentId } = this.assignment;
    try {
      const replica = await this.load();
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

  private async load(): Promise<EngineReplica> {
    const { spec } = this.assignment;
    const driver = this.tools.drivers.get(spec?.engine ?? '');
    if (spec === undefined || driver === undefined) {
      throw new EngineError('load_failed', `This runner has no engine named "${spec?.engine ?? ''}".`);
    }
    const settings = await loadSettings(spec, this.tools, this.loading.signal);
    const beganAtMs = performance.now();
    const replica = await driver.load(
      settings,
      (progress) => {
        this.progress = progress;
        this.onChange(this);
      },
      this.loading.signal,
    );
    this.loadMs = Math.round(performance.now() - beganAtMs);
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

const engineOptionsSchema = z.record(z.string(), z.unknown());

/** The settings of a load: what the assignment says, with the artifact on this machine. */
async function loadSettings(
  spec: ReplicaSpec,
  { artifacts }: Pick<ReplicaTools, 'artifacts'>,
  signal: AbortSignal,
): Promise<ReplicaSettings> {
  const artifact = await resolveArtifact(spec.artifact, { ...artifacts, signal });
  return replicaSettings(spec, artifact.path);
}

/** The same for weights that stand there. */
export function replicaSettings(spec: ReplicaSpec, artifactPath: string): ReplicaSettings {
  return {
    modelName: spec.modelName,
    artifactPath,
    ...(spec.contextLength > 0 && { contextLength: spec.contextLength }),
    ...(spec.slots > 0 && { slots: spec.slots }),
    engineOptions: engineOptionsSchema.parse(JSON.parse(spec.engineOptions === '' ? '{}' : spec.engineOptions)),
  };
}
