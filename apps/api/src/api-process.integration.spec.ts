import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { CatalogueStore, connectPostgres, migrate, TenancyStore } from '@millrace/adapters/postgres';
import { storedSecret } from '@millrace/domain/tenancy';
import { newSecret } from '@millrace/platform/ids';
import type { SupervisedMessage } from '@millrace/platform/lifecycle';
import { createTestDatabase, type TestDatabase } from '@millrace/testing';
import { build } from '../../../tools/build.mjs';

const program = join(import.meta.dirname, '../../../dist/apps/api/src/main.js');
const pepper = 'p'.repeat(40);
const redisUrl = process.env['TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379';

interface ApiProcess {
  child: ChildProcess;
  message: SupervisedMessage;
}

const children: ChildProcess[] = [];
let database: TestDatabase;
let dataSource: Awaited<ReturnType<typeof connectPostgres>>;
let redis: Redis;
let apiKey: string;

beforeAll(async () => {
  await build();
  database = await createTestDatabase();
  dataSource = await connectPostgres(database.url);
  await migrate(dataSource);
  redis = new Redis(redisUrl);
  const tenancy = new TenancyStore(dataSource);
  apiKey = newSecret('inference');
  const key = { kind: 'inference', name: 'test', ...storedSecret(pepper, apiKey) };
  await tenancy.ensureApiKey(await tenancy.ensureTenant('test'), { ...key, kind: 'inference' });
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  redis.disconnect();
  await dataSource.destroy();
  await database.drop();
});

/** Starts the process and waits until it serves or has given up. */
async function startProcess(changes: NodeJS.ProcessEnv = {}): Promise<ApiProcess> {
  const child = spawn(process.execPath, [program], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      DATABASE_URL: database.url,
      REDIS_URL: redisUrl,
      MILLRACE_KEY_PEPPER: pepper,
      ...changes,
    },
  });
  children.push(child);
  const [message] = (await once(child, 'message')) as [SupervisedMessage];
  return { child, message };
}

function addressOf({ message }: ApiProcess): string {
  if (message.type !== 'ready' || message.address === undefined) throw new Error(JSON.stringify(message));
  return message.address;
}

function listModels(baseUrl: string): Promise<Response> {
  return fetch(`${baseUrl}/v1/models`, { headers: { authorization: `Bearer ${apiKey}` } });
}

/** Asks again until the answer is as expected; the test's own time limit ends the waiting. */
async function until(ask: () => Promise<boolean>): Promise<void> {
  while (!(await ask())) await new Promise((resolve) => setImmediate(resolve));
}

describe('the api process', () => {
  it('serves on real stores, hears of changes at once, and stops on SIGTERM', async () => {
    const api = await startProcess();
    const baseUrl = addressOf(api);
    expect((await fetch(`${baseUrl}/livez`)).status).toBe(200);
    expect(await (await fetch(`${baseUrl}/readyz`)).json()).toEqual({ status: 'ready' });
    expect(await (await listModels(baseUrl)).json()).toEqual({ object: 'list', data: [] });
    expect(await (await fetch(`${baseUrl}/openapi.json`)).json()).toMatchObject({ info: { title: 'millrace' } });
    expect((await fetch(`${baseUrl}/docs/swagger-ui-bundle.js`)).status).toBe(200);

    const starter = { name: 'millrace-tiny', artifact: 'tiny.gguf', engine: 'llama-cpp', engineOptions: {} };
    await new CatalogueStore(dataSource).ensureStarterDeployment(starter);
    await redis.publish('mr:invalidate:catalogue', '');
    await until(async () => (await (await listModels(baseUrl)).text()).includes('millrace-tiny'));

    await dataSource.query('UPDATE api_keys SET disabled = true');
    await redis.publish('mr:invalidate:keys', '');
    await until(async () => (await listModels(baseUrl)).status === 401);
    await dataSource.query('UPDATE api_keys SET disabled = false');

    api.child.kill('SIGTERM');
    expect(await once(api.child, 'exit')).toEqual([0, null]);
  });

  it('says in one sentence that its port is taken', async () => {
    const first = await startProcess();
    const { port } = new URL(addressOf(first));
    const { child, message } = await startProcess({ PORT: port });
    expect(message).toEqual({ type: 'fatal', message: `Port ${port} of 127.0.0.1 is taken: set PORT to a free one.` });
    expect(await once(child, 'exit')).toEqual([1, null]);
    first.child.kill('SIGTERM');
    await once(first.child, 'exit');
  });

  it.each([
    ['DATABASE_URL', 'postgres://nobody@127.0.0.1:1/none', 'Postgres is out of reach'],
    ['REDIS_URL', 'redis://127.0.0.1:1', 'Redis is out of reach'],
  ])('says in one sentence that a store is away: %s', async (name, url, sentence) => {
    const { child, message } = await startProcess({ [name]: url });
    expect(message).toMatchObject({ type: 'fatal', message: expect.stringContaining(sentence) as string });
    expect(await once(child, 'exit')).toEqual([1, null]);
  });
});
