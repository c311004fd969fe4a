import { createHash } from 'node:crypto';

export interface RedisUser {
  name: string;
  password: string;
}

/** The two users of a Redis that millrace works with. */
export interface RedisUsers {
  /** May do everything: api and scheduler. */
  main: RedisUser;
  /** May use the queues' keys and nothing else. */
  runner: RedisUser;
}

/** The user of a Redis that was asked for none. It always exists, and may do everything unless it is switched off. */
const DEFAULT_USER = 'default';

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

/** The users as lines of redis.conf or of an ACL file; passwords are in them as hashes only. */
export function redisAcl({ main, runner }: RedisUsers): string[] {
  return [
    ...(main.name === DEFAULT_USER ? [] : [`user ${DEFAULT_USER} off`]),
    `user ${main.name} on #${sha256(main.password)} ~* &* +@all`,
    `user ${runner.name} on #${sha256(runner.password)} resetkeys ~${RUNNER_KEYS} resetchannels -@all ${RUNNER_COMMANDS}`,
  ];
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
