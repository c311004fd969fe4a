import { join } from 'node:path';
import { readProcessSettings } from '@millrace/platform/config';

/** What the operator may choose for an installation on one machine; fields left out have no default. */
export interface UpSettings {
  homeFolder: string;
  port: number;
  host: string;
  fleetListen: string;
  runnerName: string;
  model?: string;
  engineOptions: Readonly<Record<string, unknown>>;
  databaseUrl?: string;
  redisUrl?: string;
  runnerRedisUrl?: string;
  /** Where downloaded weights go instead of the home. */
  cacheFolder?: string;
}

/** Reads the environment. Throws SettingsError for a name or value that is wrong. */
export function readUpSettings(checkout: string): UpSettings {
  const chosen = readProcessSettings('up');
  return {
    homeFolder: chosen.MILLRACE_HOME ?? join(checkout, '.millrace'),
    port: chosen.PORT,
    host: chosen.MILLRACE_HOST,
    fleetListen: chosen.MILLRACE_FLEET_LISTEN,
    runnerName: chosen.MILLRACE_RUNNER_NAME ?? 'local',
    ...(chosen.MILLRACE_MODEL !== undefined && { model: chosen.MILLRACE_MODEL }),
    engineOptions: chosen.MILLRACE_ENGINE_OPTIONS ?? {},
    ...(chosen.MILLRACE_CACHE !== undefined && { cacheFolder: chosen.MILLRACE_CACHE }),
    ...(chosen.DATABASE_URL !== undefined && { databaseUrl: chosen.DATABASE_URL }),
    ...(chosen.REDIS_URL !== undefined && { redisUrl: chosen.REDIS_URL }),
    ...(chosen.MILLRACE_RUNNER_REDIS_URL !== undefined && { runnerRedisUrl: chosen.MILLRACE_RUNNER_REDIS_URL }),
  };
}
