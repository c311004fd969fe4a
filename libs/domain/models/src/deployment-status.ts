import { whyNowhere, type Rejection, type ReplicaState } from '@millrace/domain/placement';

/**
 * How a deployment fares. `pending`: it waits for a decision, or for what a decision needs. `idle`: nothing is loaded and
 * nothing has to be; the first call changes that. `degraded`: fewer replicas serve than it wants at least.
 */
export const deploymentPhases = ['pending', 'idle', 'loading', 'ready', 'degraded', 'unplaced', 'paused'] as const;

export type DeploymentPhase = (typeof deploymentPhases)[number];

/** A replica that is assigned, as its runner last reported it; `assigned` when it has not yet. */
export interface DeployedReplica {
  state: ReplicaState | 'assigned';
  isDraining: boolean;
  /** 0..1 while it loads. */
  progress: number;
  message: string;
}

/** What is known of a deployment at one instant. */
export interface ObservedDeployment {
  wish: { minReplicas: number; paused: boolean; generation: number };
  /** The newest generation that a scheduler has acted on. */
  observedGeneration: number;
  replicas: readonly DeployedReplica[];
  /** The newest of the scheduler's decisions about it. */
  decision?: { action: string; reason: string; rejected?: readonly Rejection[] } | undefined;
  isSchedulerPaused: boolean;
}

export interface DeploymentStatus {
  phase: DeploymentPhase;
  /** One word for programs. */
  reason: string;
  /** One sentence for people. */
  message: string;
  observedGeneration: number;
}

type Verdict = Pick<DeploymentStatus, 'phase' | 'reason' | 'message'>;

/** What stands in the way of a wish for a moment only, and needs nobody. */
const PASSING: ReadonlySet<string> = new Set(['awaiting_footprint', 'memory_coming_free', 'retry_in_progress']);

/** Judges a deployment by what is observed, not by what is wished. */
export function deploymentStatus(observed: ObservedDeployment): DeploymentStatus {
  return { ...judge(observed), observedGeneration: observed.observedGeneration };
}

function judge(observed: ObservedDeployment): Verdict {
  const { wish, replicas } = observed;
  if (wish.paused) return paused(replicas.length);
  const staying = replicas.filter(({ isDraining }) => !isDraining);
  const serving = staying.filter(({ state }) => state === 'ready').length;
  const loading = staying.filter(({ state }) => state === 'assigned' || state === 'loading');
  if (serving >= Math.max(1, wish.minReplicas)) {
    return { phase: 'ready', reason: 'replicas_ready', message: `${inWords(serving, 'replica')} can serve.` };
  }
  if (serving > 0) {
    const { reason, message } = loading.length > 0 ? beingLoaded(loading) : missing(observed);
    const counted = `${String(serving)} of at least ${inWords(wish.minReplicas, 'replica')} can serve.`;
    return { phase: 'degraded', reason, message: `${counted} ${message}` };
  }
  return loading.length > 0 ? beingLoaded(loading) : missing(observed);
}

function paused(left: number): Verdict {
  const rest = left === 0 ? 'Nothing is loaded.' : `${inWords(left, 'replica')} may finish first.`;
  return { phase: 'paused', reason: 'deployment_paused', message: `It takes no calls until it is resumed. ${rest}` };
}

function beingLoaded(loading: readonly DeployedReplica[]): Verdict {
  const furthest = Math.max(...loading.map(({ progress }) => progress));
  const message = `${inWords(loading.length, 'replica')} to load; ${String(Math.round(furthest * 100))} % are done.`;
  return { phase: 'loading', reason: 'replicas_loading', message };
}

/** Why nothing more is on its way. */
function missing({ wish, observedGeneration, decision, isSchedulerPaused }: ObservedDeployment): Verdict {
  if (isSchedulerPaused) {
    const message = 'The scheduler is paused: it changes nothing until it is resumed.';
    return { phase: 'pending', reason: 'scheduler_paused', message };
  }
  if (observedGeneration < wish.generation) return notDecided();
  if (decision?.action === 'unplaced') return unplaced(decision);
  if (wish.minReplicas > 0) return notDecided();
  return { phase: 'idle', reason: 'no_demand', message: 'Nothing is loaded; the first call has a replica loaded.' };
}

function notDecided(): Verdict {
  return { phase: 'pending', reason: 'not_decided', message: 'The scheduler has not acted on the wish yet.' };
}

function unplaced(decision: NonNullable<ObservedDeployment['decision']>): Verdict {
  const { reason } = decision;
  const phase = PASSING.has(reason) ? 'pending' : 'unplaced';
  return { phase, reason, message: `No device takes a replica: ${whyNowhere(reason, decision)}` };
}

function inWords(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
}
