import type { ObservedRunner } from '@millrace/adapters/postgres';
import type { RunnerOnWire, Status } from './runners-schema.js';

/** A runner as it goes over HTTP. */
export function runnerOnWire(runner: ObservedRunner): RunnerOnWire {
  const { observedGeneration, lastHeartbeatAt, createdAt, ...fields } = runner;
  return {
    ...fields,
    lastHeartbeatAt: lastHeartbeatAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    status: { ...phaseOf(runner), observedGeneration },
  };
}

type Phase = Omit<Status, 'observedGeneration'>;

/** A runner that does not answer is that first of all; else what operators want of it says how it is. */
function phaseOf({ health, adminState, replicas }: ObservedRunner): Phase {
  if (health === 'lost') {
    return { phase: 'lost', reason: 'no_heartbeat', message: 'It has not been heard for 30 s: it hosts nothing.' };
  }
  if (health === 'suspect') {
    return { phase: 'suspect', reason: 'no_heartbeat', message: 'It has not been heard for 15 s: nothing is placed.' };
  }
  switch (adminState) {
    case 'active':
      return { phase: 'ready', reason: 'active', message: 'It takes replicas.' };
    case 'cordoned':
      return { phase: 'cordoned', reason: adminState, message: 'It takes no new replicas and keeps those it has.' };
    case 'draining':
    case 'maintenance':
      return replicas === 0
        ? { phase: 'drained', reason: adminState, message: 'It hosts nothing: it can be stopped.' }
        : { phase: 'draining', reason: adminState, message: `It gives up ${countOf(replicas)}.` };
  }
}

function countOf(replicas: number): string {
  return replicas === 1 ? 'its last replica' : `${String(replicas)} replicas`;
}
