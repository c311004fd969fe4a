/** How does one machine get a Postgres and a Redis of its own, without Docker and without touching its packages? */
export { checkExternalPostgres, checkExternalRedis } from './external-stores.js';
export { findPostgres } from './find-postgres.js';
export { findRedis } from './find-redis.js';
export { redisAcl, type RedisUser, type RedisUsers } from './redis-acl.js';
export { startPostgres } from './start-postgres.js';
export { startRedis, type RunningRedis } from './start-redis.js';
export { startStores, type ThrowawayStores } from './start-stores.js';
export { StoreError } from './store-error.js';
export { type RunningStore } from './running-store.js';
