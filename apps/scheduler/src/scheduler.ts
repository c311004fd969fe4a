import { DemandReports, type FleetServer } from '@millrace/adapters/fleet';
import {
  FleetObserver,
  FleetReportStore,
  PlanStore,
  SchedulerLeaseStore,
  type ApplyOutcome,
  type DataSource,
} from '@millrace/adapters/postgres';
import { mostStarts, type PlacementPolicy, type Plan } from '@millrace/domain/placement';
import { newBootId, newId } from '@millrace/platform/ids';
import type { Lifecycle } from '@millrace/platform/lifecycle';
import { AssignmentMessages } from './assignments-message.js';
import { DecisionLog, measuredError } from './decisions.js';
import { EstimateRequests } from './estimate-requests.js';
import { HealthLog } from './health-log.js';
import { HeartbeatWatch } from './heartbeat-watch.js';
import { Leadership } from './leadership.js';
import type { SchedulerMetrics } from './metrics/scheduler-metrics.js';
import { RemovedRunners } from './removed-runners.js';
import { runnerReports } from './runner-reports.js';
import { schedule, type SchedulerPorts } from './schedule.js';
import { SchedulingLoop } from './scheduling-loop.js';
import { unplacedReport } from './unplaced-report.js';

/** The part of the Fleet server that the scheduler speaks through. */
export type RunnerLinks = Pick<FleetServer, 'runnerIds' | 'sendAssignments' | 'sendEstimateFootprint' | 'revoke'>;

/** What the process gives its scheduler; `report` reaches the supervisor, if there is one. */
export interface SchedulerHost extends Pick<Lifecycle, 'logger' | 'report'> {
  metrics: SchedulerMetrics;
  policy: Partial<PlacementPolicy>;
  /** Since when heartbeats are watched. */
  watch?: Pick<HeartbeatWatch, 'since' | 'restart'>;
}

/** One scheduler process: its passes, its leadership, and what its runners report. */
export class Scheduler {
  readonly leadership: Leadership;
  /** What the Fleet server hands the runners' events to. */
  readonly reports: ReturnType<typeof runnerReports>;
  /** What API processes say that waits with them. */
  readonly demand = new DemandReports();
  private readonly loop: SchedulingLoop;
  private readonly ports: SchedulerPorts;

  constructor(
    dataSource: DataSource,
    links: RunnerLinks,
    private readonly host: SchedulerHost,
  ) {
    const { logger } = host;
    const watch = host.watch ?? new HeartbeatWatch();
    const reportStore = new FleetReportStore(dataSource);
    this.loop = new SchedulingLoop(() => this.pass(), logger);
    this.leadership = new Leadership({
      lease: new SchedulerLeaseStore(dataSource),
      holder: newBootId(),
      logger,
      onTerm: () => {
        watch.restart();
        this.loop.poke();
      },
    });
    const estimates = new EstimateRequests({
      send: (runnerId, request) => links.sendEstimateFootprint(runnerId, request),
      record: (footprint, estimate) => reportStore.recordEstimate(footprint, estimate),
    });
    this.reports = runnerReports({ store: reportStore, estimates, poke: () => this.loop.poke(), logger });
    this.ports = this.connect({ dataSource, links, watch, estimates });
    const leads = () => this.leadership.currentEpoch() !== undefined;
    host.metrics.read({ leads, connectedRunners: () => links.runnerIds().length });
  }

  /** One pass. The loop runs them once started; passes never overlap. */
  pass(): Promise<boolean> {
    return this.host.metrics.pass(() => schedule(this.ports));
  }

  async start(): Promise<void> {
    await this.leadership.start();
    this.loop.start();
  }

  async stop(): Promise<void> {
    await this.loop.stop();
    await this.leadership.stop();
  }

  private connect(parts: {
    dataSource: DataSource;
    links: RunnerLinks;
    watch: Pick<HeartbeatWatch, 'since'>;
    estimates: EstimateRequests;
  }): SchedulerPorts {
    const observer = new FleetObserver(parts.dataSource);
    const plans = new PlanStore(parts.dataSource);
    const decisionLog = new DecisionLog();
    const healthLog = new HealthLog();
    const removed = new RemovedRunners();
    return {
      observe: async () => {
        const fleet = await observer.observe((nowMs) => parts.watch.since(nowMs));
        const demand = this.demand.current(fleet.snapshot);
        const snapshot = { ...fleet.snapshot, demand, policy: this.host.policy };
        return { ...fleet, snapshot: { ...snapshot, freshReplicaIds: freshReplicaIds(snapshot) } };
      },
      currentEpoch: () => this.leadership.currentEpoch(),
      explain: (plan, snapshot) => [...healthLog.explain(snapshot), ...decisionLog.explain(plan)],
      write: (epoch, change) => plans.apply(epoch, change),
      onApplied: (plan, outcome) => this.onApplied(plan, outcome),
      tellRunners: (fleet, changing) => {
        const messages = new AssignmentMessages(fleet);
        const connected = parts.links.runnerIds();
        for (const runnerId of removed.among(connected, (id) => messages.version(id) !== undefined)) {
          parts.links.revoke(runnerId);
        }
        for (const runnerId of connected) {
          if (changing.has(runnerId)) continue;
          const version = messages.version(runnerId);
          if (version !== undefined) parts.links.sendAssignments(runnerId, version, () => messages.message(runnerId));
        }
      },
      onPlanned: (snapshot, plan) => this.host.metrics.planned(snapshot, plan),
      requestEstimates: (wanted) => parts.estimates.request(wanted),
    };
  }

  private onApplied(plan: Plan, outcome: ApplyOutcome): void {
    const { logger, report, metrics } = this.host;
    if (outcome.outcome === 'fenced') return this.leadership.demote('another process has taken over');
    const refused = new Set(outcome.refused);
    for (const start of plan.start) {
      if (refused.has(start)) logger.warn({ start }, 'start refused: its device has changed since it was observed');
      else logger.info({ start }, 'start');
    }
    for (const stop of plan.stop) logger.info({ stop }, 'stop');
    for (const drain of plan.drain) logger.info({ drain }, 'drain');
    for (const release of plan.release) logger.info({ release }, 'reservation released');
    for (const failure of plan.failures) logger.warn({ failure }, 'load failed');
    for (const measurement of plan.measure) {
      metrics.measured(measurement);
      logger.info({ measurement, signedError: measuredError(measurement) }, 'prediction replaced by measurement');
    }
    for (const wish of plan.unplaced) {
      logger.info({ wish }, 'unplaced');
      report(unplacedReport(wish));
    }
    for (const wish of plan.passedOver) logger.info({ wish }, 'not on every runner');
  }
}

/** As many as a plan can need. */
function freshReplicaIds(fleet: Parameters<typeof mostStarts>[0]): string[] {
  return Array.from({ length: mostStarts(fleet) }, () => newId('rep'));
}
