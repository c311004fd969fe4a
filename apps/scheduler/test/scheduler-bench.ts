import { CatalogueStore, connectPostgres, migrate, RunnerStore } from '@millrace/adapters/postgres';
import {
  EstimateBasis,
  ReplicaState,
  type Assignments,
  type EstimateFootprint,
  type FootprintEstimate,
  type Heartbeat,
  type ReplicaObservation,
} from '@millrace/contracts/runner-protocol';
import type { Plan } from '@millrace/domain/placement';
import { createLogger, Metrics } from '@millrace/platform/observability';
import { createTestDatabase } from '@millrace/testing';
import { SchedulerMetrics } from '../src/metrics/scheduler-metrics.js';
import { Scheduler, type RunnerLinks, type SchedulerHost } from '../src/scheduler.js';

export const GIBIBYTE = 1024 ** 3;
const logger = createLogger('test', 'error');

export const emptyPlan: Plan = {
  start: [],
  stop: [],
  drain: [],
  release: [],
  measure: [],
  failures: [],
  unplaced: [],
  passedOver: [],
  estimate: [],
};

/** What a scheduler sends to its runners. */
class RecordedLinks implements RunnerLinks {
  readonly connected = new Set<string>();
  readonly assignments = new Map<string, Assignments>();
  readonly estimates: EstimateFootprint[] = [];

  runnerIds(): string[] {
    return [...this.connected];
  }

  revoke(): void {
    // Nobody is removed while connected.
  }

  sendAssignments(...[runnerId, version, make]: Parameters<RunnerLinks['sendAssignments']>): void {
    this.assignments.set(runnerId, { ...version, ...make() });
  }

  sendEstimateFootprint(runnerId: string, request: EstimateFootprint): boolean {
    if (this.connected.has(runnerId)) this.estimates.push(request);
    return this.connected.has(runnerId);
  }
}

/** Schedulers on a real database, driven pass by pass. */
export async function openBench() {
  const database = await createTestDatabase();
  const dataSource = await connectPostgres(database.url);
  await migrate(dataSource);
  return {
    dataSource,
    databaseUrl: database.url,
    newScheduler(host: Partial<Pick<SchedulerHost, 'policy' | 'watch'>> = {}) {
      const links = new RecordedLinks();
      const metrics = new SchedulerMetrics(new Metrics());
      const process = { logger, metrics, report: () => undefined, policy: {} };
      return { scheduler: new Scheduler(dataSource, links, { ...process, ...host }), links };
    },
    async deployModel(name: string): Promise<string> {
      const model = { name, artifact: `/weights/${name}.gguf`, engine: 'llama-cpp', engineOptions: {} };
      const { deploymentId } = await new CatalogueStore(dataSource).ensureStarterDeployment(model);
      // The starter is one of a kind; as an ordinary deployment it stays when the next one comes.
      await dataSource.query('UPDATE deployments SET starter = false, per_runner = false, max_replicas = 1');
      return deploymentId;
    },
    async joinRunner(name: string): Promise<string> {
      const runners = new RunnerStore(dataSource);
      await runners.ensureJoinToken({ prefix: 'mr-join-', secretHash: 'join' });
      const joined = await runners.joinRunner({ joinTokenHash: 'join', name, labels: {}, credentialHash: name });
      if (!('runnerId' in joined)) throw new Error(JSON.stringify(joined));
      return joined.runnerId;
    },
    rows<Row>(query: string, values: unknown[] = []): Promise<Row[]> {
      return dataSource.query<Row[]>(query, values);
    },
    async close() {
      await dataSource.destroy();
      await database.drop();
    },
  };
}

export type Bench = Awaited<ReturnType<typeof openBench>>;
type Party = ReturnType<Bench['newScheduler']>;

/** A runner as the scheduler hears it: one CPU with 16 GiB. */
export class SimulatedRunner {
  private readonly identity;

  constructor(
    readonly runnerId: string,
    private readonly party: Party,
    bootId = 'boot-1',
  ) {
    this.identity = { runnerId, name: runnerId, bootId };
  }

  async connect(): Promise<void> {
    const hello = { bootId: this.identity.bootId, version: '1', engines: ['llama-cpp'], labels: {} };
    await this.party.scheduler.reports.onHello(this.identity, hello);
    this.party.links.connected.add(this.runnerId);
  }

  /** Reports these replicas, and that it has seen the newest assignments. */
  async report(replicas: Partial<ReplicaObservation>[] = [], heartbeat: Partial<Heartbeat> = {}): Promise<void> {
    const totalBytes = 16 * GIBIBYTE;
    await this.party.scheduler.reports.onHeartbeat(this.identity, {
      devices: [{ deviceKey: 'cpu', deviceType: 'cpu', totalBytes, freeBytes: totalBytes }],
      replicas: replicas.map((replica) => ({
        replicaId: '',
        state: ReplicaState.REPLICA_STATE_READY,
        measuredBytes: 0,
        slots: 4,
        contextLength: 2048,
        message: '',
        progress: 1,
        inFlight: 0,
        readyForMs: 600_000,
        idleForMs: 0,
        loadMs: 0,
        ...replica,
      })),
      observedGeneration: this.party.links.assignments.get(this.runnerId)?.generation ?? 0,
      observedEpoch: 1,
      ...heartbeat,
    });
  }

  /** Answers every estimate it was asked for. */
  async answerEstimates(weightsBytes: number, estimate: Partial<FootprintEstimate> = {}): Promise<void> {
    for (const { estimateId } of this.party.links.estimates.splice(0)) {
      await this.party.scheduler.reports.onFootprintEstimate(this.identity, {
        estimateId,
        error: '',
        weightsBytes,
        kvBytes: 0,
        computeBytes: 0,
        overheadBytes: 0,
        contextLength: 2048,
        slots: 4,
        basis: EstimateBasis.ESTIMATE_BASIS_ENGINE_DRY_RUN,
        engineVersion: 'b1',
        ...estimate,
      });
    }
  }

  /** The replicas it is to run, by the newest assignments. */
  replicaIds(): string[] {
    return (this.party.links.assignments.get(this.runnerId)?.replicas ?? []).map((replica) => replica.replicaId);
  }
}

/** Passes until nothing changes any more, as the loop does. */
export async function settle({ scheduler }: Party): Promise<void> {
  while (await scheduler.pass());
}
