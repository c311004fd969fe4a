import type { ServeFile } from '@millrace/platform/config';
import type { Installation } from './installation.js';
import type { Stores } from './open-stores.js';

type Keeper = Pick<Installation, 'settings' | 'secrets' | 'home'>;

/** What every API process of this installation is given. */
export function apiEnvironment({ secrets }: Keeper, stores: Stores) {
  return {
    DATABASE_URL: stores.databaseUrl,
    REDIS_URL: stores.redisUrl,
    MILLRACE_KEY_PEPPER: secrets.pepper,
  };
}

/** What every scheduler is given. */
export function schedulerEnvironment(keeper: Keeper, stores: Stores) {
  return { ...apiEnvironment(keeper, stores), MILLRACE_RUNNER_REDIS_URL: stores.runnerRedisUrl };
}

/** What every runner is given: what one on another machine would have, and no more. */
export function runnerEnvironment({ settings, secrets, home }: Keeper, schedulerUrl: string) {
  return {
    MILLRACE_SCHEDULER_URL: schedulerUrl,
    MILLRACE_JOIN_TOKEN: secrets.joinToken,
    MILLRACE_HOME: home.folder,
    MILLRACE_CACHE: settings.cacheFolder ?? home.artifacts,
  };
}

/** For processes that are started beside those of the supervisor. */
export function serveFileOf(keeper: Keeper, stores: Stores, schedulerUrl: string): ServeFile {
  return {
    api: apiEnvironment(keeper, stores),
    scheduler: schedulerEnvironment(keeper, stores),
    runner: runnerEnvironment(keeper, schedulerUrl),
  };
}
