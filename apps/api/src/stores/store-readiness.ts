import type { Readiness } from '../http/health.controller.js';

/** A probe that waits longer counts as failed. */
const CHECK_TIMEOUT_MS = 1_000;

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

/** Why the store does not count as reachable. Its own words may name hosts, so they are left out. */
async function checkInTime<T>(store: string, work: Promise<T>): Promise<{ problem?: string; answer?: T }> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), CHECK_TIMEOUT_MS);
  });
  try {
    return { answer: await Promise.race([work, timeout]) };
  } catch {
    return { problem: `${store} is out of reach` };
  } finally {
    clearTimeout(timer);
  }
}

/** A Redis that evicts loses tickets. Servers that do not tell their policy are trusted. */
function evictionProblem(memoryInfo: string | undefined): string | undefined {
  const policy = /^maxmemory_policy:(\S+)/m.exec(memoryInfo ?? '')?.[1];
  if (policy === undefined || policy === 'noeviction') return undefined;
  return `redis evicts (maxmemory-policy ${policy}); set it to noeviction`;
}
