import { createHash } from 'node:crypto';

export interface RedisPasswords {
  /** Of the default user, who may do everything: api and scheduler. */
  main: string;
  /** Of the user `runner`, who may use the queues' keys and nothing else. */
  runner: string;
}

/** Keys of the queues; what lies beside them (presence, limits, …) is not for runners. */
const RUNNER_KEYS = 'mr:q:*';

/**
 * What a BullMQ worker does, and no more: no channels, no administration, no command that shows keys of others or
 * leaves the database.
 */
const RUNNER_COMMANDS = [
  '+@read',
  '+@write',
  '+@scripting',
  '+@transaction',
  '+@connection',
  '+@blocking',
  '-@admin',
  '-@dangerous',
  '-@pubsub',
  '-scan',
  '-randomkey',
  '-dbsize',
  '-select',
  '-swapdb',
  '-move',
  '-copy',
  '-script',
  '+script|load',
  '+script|exists',
  '-function',
  '+info',
].join(' ');

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
    `user default on #${sha256(settings.passwords.main)} ~* &* +@all`,
    `user runner on #${sha256(settings.passwords.runner)} resetkeys ~${RUNNER_KEYS} resetchannels -@all ${RUNNER_COMMANDS}`,
    '',
  ].join('\n');
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
