import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashSecret } from '@millrace/domain/tenancy';
import { createTestDatabase, type TestDatabase } from '@millrace/testing';
import { build } from '../../../tools/build.mjs';
import { runMillrace } from './run-millrace.js';
import { query } from './stored-rows.js';

const LIMIT_MS = 60_000;
const PEPPER = 'p'.repeat(32);

beforeAll(() => build());

describe('bootstrap', () => {
  let database: TestDatabase;
  beforeEach(async () => (database = await createTestDatabase()));
  afterEach(() => database.drop());

  const bootstrap = (...words: string[]) =>
    runMillrace({
      arguments: ['bootstrap', ...words],
      environment: { DATABASE_URL: database.url, MILLRACE_KEY_PEPPER: PEPPER },
    });
  const hashes = async (table: string) =>
    (await query<{ secret_hash: string }>(database.url, `SELECT secret_hash FROM ${table} ORDER BY created_at`)).map(
      (row) => row.secret_hash,
    );

  it(
    'makes the schema, an operator key and a join token, and shows both secrets once, as settings',
    async () => {
      const { code, output, errors } = await bootstrap();
      expect({ code, errors }).toEqual({ code: 0, errors: 'Keep both now: nothing shows them again.\n' });
      const [, operatorKey = '', joinToken = ''] =
        /^MILLRACE_KEY=(mr-operator-\S+)\nMILLRACE_JOIN_TOKEN=(mr-join-\S+)\n$/.exec(output) ?? [];
      expect(await hashes('api_keys')).toEqual([hashSecret(PEPPER, operatorKey)]);
      expect(await hashes('join_tokens')).toEqual([hashSecret(PEPPER, joinToken)]);
      expect(await query(database.url, `SELECT DISTINCT actor_kind FROM audit_log`)).toEqual([
        { actor_kind: 'bootstrap' },
      ]);
    },
    LIMIT_MS,
  );

  it(
    'refuses to make a second operator key unless it is asked for another one',
    async () => {
      await bootstrap();
      const again = await bootstrap();
      expect(again).toMatchObject({ code: 1, output: '' });
      expect(again.errors).toMatch(
        /^There are operator keys that work \(mr-operator-\S+…\): .* bootstrap --another\.\n$/,
      );
      const another = await bootstrap('--another', '--json');
      expect(JSON.parse(another.output)).toEqual({
        operatorKey: expect.stringMatching(/^mr-operator-/),
        joinToken: expect.stringMatching(/^mr-join-/),
      });
      expect(await hashes('api_keys')).toHaveLength(2);
      await query(database.url, `UPDATE api_keys SET disabled = true`);
      expect((await bootstrap()).code).toBe(0);
    },
    LIMIT_MS,
  );
});

describe('redis-acl', () => {
  const main = 'redis://default:main-password@redis:6379';
  const redisAcl = (runnerUrl: string, ...words: string[]) =>
    runMillrace({
      arguments: ['redis-acl', ...words],
      environment: { REDIS_URL: main, MILLRACE_RUNNER_REDIS_URL: runnerUrl },
    });

  it(
    'writes the users of both addresses without their passwords, for its owner only',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'millrace-acl-'));
      const file = join(folder, 'users.acl');
      const printed = await redisAcl('redis://runner:run%2Fner-password@redis:6379');
      expect(printed).toMatchObject({ code: 0, errors: '' });
      expect(printed.output).toMatch(
        /^user default on #\w{64} ~\* &\* \+@all\nuser runner on #\w{64} resetkeys ~mr:q:\* /,
      );
      expect(printed.output).not.toContain('password');
      expect(await redisAcl('redis://runner:run%2Fner-password@redis:6379', '--file', file)).toMatchObject({
        ...{ code: 0, output: '' },
      });
      expect(await readFile(file, 'utf8')).toBe(printed.output);
      expect((await stat(file)).mode & 0o077).toBe(0);
      await rm(folder, { recursive: true });
    },
    LIMIT_MS,
  );

  it.each([
    ['the user of everything', main, /names the user "default", who may do everything/],
    ['no password', 'redis://runner@redis:6379', /^MILLRACE_RUNNER_REDIS_URL has no password/],
  ])(
    'refuses runners with %s',
    async (_, runnerUrl, reason) => {
      expect(await redisAcl(runnerUrl)).toMatchObject({ code: 1, output: '', errors: expect.stringMatching(reason) });
    },
    LIMIT_MS,
  );
});
