/** The Redis that TEST_REDIS_URL names; `npm test` provides one. All test files share it. */
export function testRedisUrl(): string {
  const url = process.env['TEST_REDIS_URL'];
  if (url === undefined) throw new Error('TEST_REDIS_URL is not set: run the tests with `npm test`.');
  return url;
}
