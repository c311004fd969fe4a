import { checkExternalPostgres, checkExternalRedis, findPostgres, findRedis } from '@millrace/adapters/embedded-stores';
import type { Finding } from './finding.js';

/** The Postgres that would be used; nothing is started. */
export function checkPostgres(databaseUrl: string | undefined, cluster: string): Promise<Finding> {
  return finding('postgres', async () => {
    if (databaseUrl !== undefined) {
      await checkExternalPostgres(databaseUrl);
      return 'the one of DATABASE_URL answers';
    }
    const { origin, major, folder } = await findPostgres({ cluster });
    return `${origin}, version ${String(major)}, ${folder}`;
  });
}

/** The Redis that would be used; it is fetched when this machine has none. */
export function checkRedis(redisUrl: string | undefined, downloads: string): Promise<Finding> {
  return finding('redis', async () => {
    if (redisUrl !== undefined) {
      await checkExternalRedis(redisUrl);
      return 'the one of REDIS_URL answers and evicts nothing';
    }
    const { origin, program } = await findRedis({ downloads });
    return `${origin}, ${program}`;
  });
}

async function finding(subject: string, look: () => Promise<string>): Promise<Finding> {
  try {
    return { subject, ok: true, text: await look() };
  } catch (error) {
    return { subject, ok: false, text: error instanceof Error ? error.message : String(error) };
  }
}
