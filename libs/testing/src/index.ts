/** What do tests need that the product does not? */
export { createTestDatabase, type TestDatabase } from './test-database.js';
export { testRedisUrl } from './test-redis.js';
export { ask, read, type Answer } from './engine-answer.js';
export { expectSameFromEveryCut } from './engine-continuation-cases.js';
export { describeEngineDriver } from './engine-driver-conformance.js';
