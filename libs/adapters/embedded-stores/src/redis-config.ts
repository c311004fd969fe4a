import { redisAcl } from './redis-acl.js';

export interface RedisPasswords {
  /** Of the default user, for api and scheduler. */
  main: string;
  /** Of the user `runner`. */
  runner: string;
}

/** The text of redis.conf: nothing is evicted, writes are on disk after a second at most, only this machine may call. */
export function redisConfig(settings: {
  folder: string;
  port: number;
  passwords: RedisPasswords;
  ephemeral: boolean;
}): string {
  return [
    'bind 127.0.0.1',
    `port ${String(settings.port)}`,
    `dir ${quoted(settings.folder)}`,
    'daemonize no',
    'logfile ""',
    'maxmemory-policy noeviction',
    `appendonly ${settings.ephemeral ? 'no' : 'yes'}`,
    'appendfsync everysec',
    'save ""',
    ...redisAcl({
      main: { name: 'default', password: settings.passwords.main },
      runner: { name: 'runner', password: settings.passwords.runner },
    }),
    '',
  ].join('\n');
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
