import { dirname, join } from 'node:path';
import { findRedis } from '@millrace/adapters/embedded-stores';
import { CHECKOUT, plainEnvironment } from '../run-millrace.js';

/** An environment in which redis-server and redis-cli are found, as in the image of Redis. */
export async function redisEnvironment(): Promise<Record<string, string>> {
  const { program, libraries } = await findRedis({ downloads: join(CHECKOUT, 'node_modules/.cache/millrace') });
  const { PATH = '', ...rest } = plainEnvironment();
  return { ...rest, PATH: `${dirname(program)}:${PATH}`, LD_LIBRARY_PATH: libraries.join(':') };
}
