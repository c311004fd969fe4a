import { checkInTime } from '@millrace/platform/observability';
import type { Readiness } from '../http/health.controller.js';

/** The stores, as far as a probe needs them. */
export interface ProbedStores {
  postgres: { query(statement: string): Promise<unknown> };
  redis: { info(section: string): Promise<string> };
}

/** Ready means: both stores answer in time, and Redis keeps what it is given. */
export function storeReadiness({ postgres, redis }: ProbedStores): Readiness {
  return async () => {
    const reasons = await Promise.all([
      checkInTime('postgres', postgres.query('SELECT 1')).then(({ problem }) => problem),
      checkInTime('redis', redis.info('memory')).then(({ problem, answer }) => problem ?? evictionProblem(answer)),
    ]);
    return reasons.filter((reason) => reason !== undefined);
  };
}

/** A Redis that evicts loses tickets. Servers that do not tell their policy are trusted. */
function evictionProblem(memoryInfo: string | undefined): string | undefined {
  const policy = /^maxmemory_policy:(\S+)/m.exec(memoryInfo ?? '')?.[1];
  if (policy === undefined || policy === 'noeviction') return undefined;
  return `redis evicts (maxmemory-policy ${policy}); set it to noeviction`;
}
