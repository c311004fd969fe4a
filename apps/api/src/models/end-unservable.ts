import type { ServedModel } from '@millrace/adapters/postgres';
import type { Servability } from './servability.js';

const DELETED = 'its deployment was deleted.';

/** The calls that wait for deployments. */
export interface WaitingCalls {
  /** Deployments that calls wait for. */
  waitingDeployments(): ReadonlySet<string>;
  /** Ends the calls that wait for one; runners may finish those that they have. */
  endWaiting(deploymentId: string, reason: string): void;
}

/** Ends the calls that wait in vain: their deployment is gone, or no device could ever hold its model. */
export async function endUnservable(
  models: readonly ServedModel[],
  calls: WaitingCalls,
  servability: Pick<Servability, 'whyNever'>,
): Promise<void> {
  const byDeployment = new Map(models.map((model) => [model.deploymentId, model]));
  for (const deploymentId of calls.waitingDeployments()) {
    const model = byDeployment.get(deploymentId);
    const reason = model === undefined ? DELETED : await servability.whyNever(model);
    if (reason !== undefined) calls.endWaiting(deploymentId, reason);
  }
}
