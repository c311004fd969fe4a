import { ProcessReadiness, serveHealth, type Metrics } from '@millrace/platform/observability';
import type { Lifecycle } from './run-process.js';

/** The health of a process without a public port. */
export interface Health {
  readiness: ProcessReadiness;
  /** host:port; undefined when it is switched off. */
  healthAddress: string | undefined;
}

/**
 * Serves /livez, /readyz and /metrics from now on until everything else has stopped; `listen` is host:port or `off`.
 * Call it before anything that may wait. Throws when it cannot listen.
 */
export async function startHealth(
  lifecycle: Pick<Lifecycle, 'logger' | 'onStop'>,
  listen: string,
  metrics: Metrics,
): Promise<Health> {
  const readiness = new ProcessReadiness();
  if (listen === 'off') return { readiness, healthAddress: undefined };
  const server = await serveHealth({ listen, readiness: readiness.reasons, metrics });
  lifecycle.onStop(() => server.close());
  lifecycle.logger.info({ healthAddress: server.address }, 'serving /livez, /readyz and /metrics');
  return { readiness, healthAddress: server.address };
}
