import { ReplicaState, type ReplicaAssignment, type ReplicaObservation } from '@millrace/contracts/runner-protocol';
import type { SupervisedMessage } from '@millrace/platform/lifecycle';

type ReplicaReport = Extract<SupervisedMessage, { type: 'replica' }>;

/** What the supervisor hears about a replica, if there is one. */
export function replicaReport(assignment: ReplicaAssignment, observation: ReplicaObservation): ReplicaReport {
  const { replicaId, message, progress } = observation;
  const { deploymentId } = assignment;
  return { type: 'replica', replicaId, deploymentId, state: stateName(observation.state), message, progress };
}

/** Listens to a download and tells each whole percent once: bytes arrive thousands of times as often. */
export function wholePercents(
  tell: (percent: number, totalBytes: number) => void,
): (progress: { receivedBytes: number; totalBytes: number | undefined }) => void {
  let told = -1;
  return ({ receivedBytes, totalBytes }) => {
    if (totalBytes === undefined) return;
    const percent = Math.floor((receivedBytes / Math.max(1, totalBytes)) * 100);
    if (percent === told) return;
    told = percent;
    tell(percent, totalBytes);
  };
}

/** The state as logs, metrics and the supervisor name it. */
export function stateName(state: ReplicaState): ReplicaReport['state'] {
  switch (state) {
    case ReplicaState.REPLICA_STATE_LOADING:
    case ReplicaState.REPLICA_STATE_UNSPECIFIED:
    case ReplicaState.UNRECOGNIZED:
      return 'loading';
    case ReplicaState.REPLICA_STATE_READY:
      return 'ready';
    case ReplicaState.REPLICA_STATE_DRAINING:
      return 'draining';
    case ReplicaState.REPLICA_STATE_STOPPED:
      return 'stopped';
    case ReplicaState.REPLICA_STATE_FAILED:
      return 'failed';
  }
}
