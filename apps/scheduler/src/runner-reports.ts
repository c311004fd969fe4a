import type { FleetReportStore, RunnerReport } from '@millrace/adapters/postgres';
import { ReplicaState as StateMessage, type Heartbeat } from '@millrace/contracts/runner-protocol';
import type { ReplicaState } from '@millrace/domain/placement';
import type { FleetHandlers } from '@millrace/adapters/fleet';
import type { Logger } from '@millrace/platform/observability';
import type { EstimateRequests } from './estimate-requests.js';
import { ReportNews } from './report-news.js';

export interface RunnerReportPorts {
  store: Pick<FleetReportStore, 'recordHello' | 'recordReport'>;
  estimates: Pick<EstimateRequests, 'answer' | 'forget'>;
  /** Something was recorded, or a runner can be reached: a pass may find something to do. */
  poke: () => void;
  logger: Logger;
}

/** Writes down what runners report, and wakes the loop. */
export function runnerReports({ store, estimates, poke, logger }: RunnerReportPorts): FleetHandlers {
  const news = new ReportNews();
  return {
    async onHello(runner, { version, engines, labels }) {
      await store.recordHello(runner, { version, engines, labels });
      logger.info({ runnerId: runner.runnerId, name: runner.name, bootId: runner.bootId, engines }, 'runner connected');
    },
    async onHeartbeat(runner, heartbeat) {
      const recorded = await store.recordReport(runner, toReport(heartbeat));
      if (recorded) {
        if (news.isNew(runner.runnerId, heartbeat)) poke();
        return 'recorded';
      }
      logger.warn({ runnerId: runner.runnerId, bootId: runner.bootId }, 'another process has come as this runner');
      return 'superseded';
    },
    async onFootprintEstimate(runner, estimate) {
      logger.info({ runnerId: runner.runnerId, estimate }, 'footprint estimated');
      await estimates.answer(estimate);
      poke();
    },
    onConnected: poke,
    onDisconnected(runnerId) {
      logger.info({ runnerId }, 'runner disconnected');
      estimates.forget(runnerId);
      news.forget(runnerId);
    },
  };
}

function toReport({ devices, replicas, observedGeneration }: Heartbeat): RunnerReport {
  return {
    observedGeneration,
    devices,
    replicas: replicas.map((replica) => ({ ...replica, state: toState(replica.state) })),
  };
}

function toState(state: StateMessage): ReplicaState {
  switch (state) {
    case StateMessage.REPLICA_STATE_LOADING:
      return 'loading';
    case StateMessage.REPLICA_STATE_READY:
      return 'ready';
    case StateMessage.REPLICA_STATE_DRAINING:
      return 'draining';
    case StateMessage.REPLICA_STATE_STOPPED:
      return 'stopped';
    case StateMessage.REPLICA_STATE_FAILED:
      return 'failed';
    case StateMessage.REPLICA_STATE_UNSPECIFIED:
    case StateMessage.UNRECOGNIZED:
      // A newer runner's state: memory is held until the replica is reported as stopped or not at all.
      return 'draining';
  }
}
