import { readOptionalSettings, readSettings } from './read-settings.js';
import type { SettingName, Settings } from './settings.js';

interface SettingsOfProcess {
  /** Must be set, unless they have a default. */
  readonly needed: readonly SettingName[];
  /** May be absent. */
  readonly optional: readonly SettingName[];
}

/** What each process reads, and nothing else. */
export const processSettings = {
  up: {
    needed: ['PORT', 'MILLRACE_HOST', 'MILLRACE_FLEET_LISTEN', 'MILLRACE_LOG_LEVEL'],
    optional: [
      'MILLRACE_HOME',
      'MILLRACE_MODEL',
      'MILLRACE_ENGINE_OPTIONS',
      'MILLRACE_CACHE',
      'MILLRACE_RUNNER_NAME',
      'DATABASE_URL',
      'REDIS_URL',
      'MILLRACE_RUNNER_REDIS_URL',
    ],
  },
  api: {
    needed: [
      'DATABASE_URL',
      'REDIS_URL',
      'MILLRACE_KEY_PEPPER',
      'PORT',
      'MILLRACE_HOST',
      'MILLRACE_TOKEN_STREAM_LISTEN',
      'MILLRACE_TOKEN_STREAM_ADDRESS',
      'MILLRACE_START_DEADLINE_MS',
      'MILLRACE_FIRST_TOKEN_DEADLINE_MS',
      'MILLRACE_INTER_TOKEN_DEADLINE_MS',
      'MILLRACE_TOTAL_DEADLINE_MS',
      'MILLRACE_MAX_OPEN_JOBS',
      'MILLRACE_MIN_RESIDENCY_MS',
      'MILLRACE_COLD_WAIT_MS',
      'MILLRACE_DRAIN_MS',
      'MILLRACE_STOP_GRACE_MS',
      'MILLRACE_LOG_LEVEL',
    ],
    optional: [],
  },
  scheduler: {
    needed: [
      'DATABASE_URL',
      'REDIS_URL',
      'MILLRACE_KEY_PEPPER',
      'MILLRACE_RUNNER_REDIS_URL',
      'MILLRACE_FLEET_LISTEN',
      'MILLRACE_HEALTH_LISTEN',
      'MILLRACE_MIN_RESIDENCY_MS',
      'MILLRACE_COLD_WAIT_MS',
      'MILLRACE_DRAIN_MS',
      'MILLRACE_STOP_GRACE_MS',
      'MILLRACE_LOG_LEVEL',
    ],
    optional: [],
  },
  runner: {
    needed: [
      'MILLRACE_SCHEDULER_URL',
      'MILLRACE_JOIN_TOKEN',
      'MILLRACE_RUNNER_NAME',
      'MILLRACE_LABELS',
      'MILLRACE_HUB_URL',
      'MILLRACE_HUB_TOKEN',
      'MILLRACE_HEALTH_LISTEN',
      'MILLRACE_STOP_GRACE_MS',
      'MILLRACE_LOG_LEVEL',
    ],
    optional: ['REDIS_URL', 'MILLRACE_DEVICES_FILE', 'MILLRACE_CACHE', 'MILLRACE_HOME'],
  },
  client: {
    needed: [],
    optional: ['MILLRACE_URL', 'MILLRACE_KEY', 'MILLRACE_PROFILE', 'MILLRACE_HOME', 'XDG_CONFIG_HOME'],
  },
  migrate: { needed: ['DATABASE_URL'], optional: [] },
  bootstrap: { needed: ['DATABASE_URL', 'MILLRACE_KEY_PEPPER'], optional: [] },
  'redis-acl': { needed: ['REDIS_URL', 'MILLRACE_RUNNER_REDIS_URL'], optional: [] },
} as const satisfies Record<string, SettingsOfProcess>;

/** As the command line names them; `client` stands for all commands that speak to a running millrace. */
export type ProcessName = keyof typeof processSettings;

type Lists = typeof processSettings;
type ReadBy<Name extends ProcessName> = Settings<Lists[Name]['needed'][number]> &
  Partial<Settings<Lists[Name]['optional'][number]>>;

/** Reads everything that a process takes from its environment. Throws as readSettings. */
export function readProcessSettings<Name extends ProcessName>(
  name: Name,
  environment: NodeJS.ProcessEnv = process.env,
): ReadBy<Name> {
  const { needed, optional }: SettingsOfProcess = processSettings[name];
  return {
    ...readSettings(needed, environment),
    ...readOptionalSettings(optional, environment),
  } as unknown as ReadBy<Name>;
}
