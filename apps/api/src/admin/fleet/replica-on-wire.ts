import type { ShownReplica } from '@millrace/adapters/postgres';
import type { ReplicaOnWire } from './replicas-schema.js';

/** A replica as it goes over HTTP. */
export function replicaOnWire(replica: ShownReplica): ReplicaOnWire {
  const { drainingSince, readySince, lastUsedAt, assignedAt, observedGeneration, message, ...fields } = replica;
  const { state, drainReason } = replica;
  return {
    ...fields,
    drainingSince: timeOf(drainingSince),
    readySince: timeOf(readySince),
    lastUsedAt: timeOf(lastUsedAt),
    createdAt: timeOf(assignedAt),
    status: { phase: state, reason: drainReason ?? state, message: message || explain(replica), observedGeneration },
  };
}

function explain({ state, progress, inFlight, slots }: ShownReplica): string {
  switch (state) {
    case 'assigned':
      return 'Its runner has not begun to load it.';
    case 'loading':
      return `${String(Math.round(progress * 100))} % of it is loaded.`;
    case 'ready':
      return `It serves ${String(inFlight)} of ${String(slots)}.`;
    case 'draining':
      return `It finishes ${String(inFlight)} and takes nothing new.`;
    case 'stopping':
      return 'It is assigned no more, and its runner has not stopped it yet.';
    case 'stopped':
      return 'It has stopped.';
    case 'failed':
      return 'It has failed.';
  }
}

function timeOf(instant: Date | null): string | null {
  return instant?.toISOString() ?? null;
}
