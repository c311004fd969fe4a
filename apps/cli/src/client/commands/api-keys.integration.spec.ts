import { startFakeServer, type FakeServer } from '../../../test/fake-server.js';
import { clientOf } from '../../../test/run-client.js';

const secret = `mr-inference-${'a1B2c'.repeat(9)}`;
const key = {
  ...{ id: 'key_1', tenantId: 'ten_1', kind: 'inference', name: 'ci', prefix: 'mr-inference-a1B2c', agentId: null },
  ...{ allowedModels: null, limits: {}, disabled: false, expiresAt: '2020-01-01T00:00:00.000Z', version: 1 },
  ...{ previousSecretExpiresAt: null, lastUsedAt: null, createdAt: '2019-01-01T00:00:00.000Z' },
};
const listOf = (...data: unknown[]) => ({ json: { object: 'list', data, hasMore: false } });
const KEYS = '/admin/v1/tenants/ten_1/api-keys';

let server: FakeServer;
beforeEach(async () => {
  server = await startFakeServer();
  server.replies[`GET ${KEYS}`] = listOf(key);
  server.replies[`POST ${KEYS}`] = { status: 201, json: { ...key, secret } };
  server.replies[`POST ${KEYS}/key_1/rotate`] = { json: { ...key, secret } };
});
afterEach(() => server.stop());

const run = clientOf(() => server, 'mr-operator-x');
const heard = () => server.heard.map(({ method, url, body }) => [`${method} ${url.replace(KEYS, '')}`, body]);

describe('a key', () => {
  it('is created with its secret alone on standard output, and what it is beside it', async () => {
    const words =
      'api-keys create --tenant ten_1 --name ci --expires-at 2026-12-31 --allowed-models a --tokens-per-minute 9';
    const ran = await run(words);
    expect(ran).toMatchObject({ status: 0, output: `${secret}\n` });
    expect(ran.notes).toMatch(/^id +key_1\nname +ci\n[^]*The secret, which is not shown again:\n$/);
    expect(ran.notes).not.toContain(secret);
    const body = {
      name: 'ci',
      expiresAt: '2026-12-31T00:00:00.000Z',
      allowedModels: ['a'],
      limits: { tokensPerMinute: 9 },
    };
    expect(heard()).toEqual([['POST ', body]]);
  });

  it('is created in the words of the server with --json', async () => {
    const ran = await run('api-keys create --tenant ten_1 --name ci --json');
    expect(ran.notes).toBe('');
    expect(JSON.parse(ran.output)).toEqual({ ...key, secret });
  });

  it('of an agent is created below it, without a kind', async () => {
    const agents = '/admin/v1/tenants/ten_1/agents';
    server.replies[`GET ${agents}`] = listOf({ id: 'agt_1', name: 'tutor' });
    server.replies[`POST ${agents}/agt_1/api-keys`] = { status: 201, json: { ...key, kind: 'agent', secret } };
    expect(await run('api-keys create --tenant ten_1 --agent tutor --name web')).toMatchObject({
      output: `${secret}\n`,
    });
    expect(heard()).toEqual([
      [`GET ${agents}?name=tutor`, undefined],
      [`POST ${agents}/agt_1/api-keys`, { name: 'web' }],
    ]);
    expect(await run('api-keys create --tenant ten_1 --agent tutor --name web --kind inference')).toMatchObject({
      status: 2,
    });
  });

  it('is listed by its beginning, with whether it still works', async () => {
    expect((await run('api-keys list --tenant ten_1')).output).toBe(
      'NAME  ID     KEY                  STATE    EXPIRES (UTC)        LAST USED (UTC)\n' +
        'ci    key_1  mr-inference-a1B2c…  expired  2020-01-01 00:00:00  never\n',
    );
    await run('api-keys list --tenant ten_1 --agent agt_1');
    expect(heard().at(-1)).toEqual(['GET ?agentId=agt_1', undefined]);
  });

  it('is rotated with an overlap, once even when that has to be repeated', async () => {
    server.replies[`POST ${KEYS}/key_1/rotate`] = ['break', { json: { ...key, secret } }];
    expect(await run('api-keys rotate ci --tenant ten_1 --overlap 1h')).toMatchObject({ output: `${secret}\n` });
    const rotate = ['POST /key_1/rotate', { overlapSeconds: 3_600 }];
    expect(heard()).toEqual([['GET ?name=ci', undefined], rotate, rotate]);
    const [, first, second] = server.heard.map(({ headers }) => headers['idempotency-key']);
    expect(second).toBe(first);
  });

  it('can be found by how it begins, and a whole secret does not travel in the URL', async () => {
    server.replies[`GET ${KEYS}/key_1`] = { json: key };
    await run('api-keys get mr-inference-a1B2c… --tenant ten_1');
    await run(`api-keys get ${secret} --tenant ten_1`);
    const searched = heard().filter(([asked]) => String(asked).includes('?'));
    expect(searched).toEqual([
      ['GET ?prefix=mr-inference-a1B2c', undefined],
      ['GET ?prefix=mr-inference-a1B2c', undefined],
    ]);
  });

  it('is chosen by its id where several have its name, and one that is not there is a sentence', async () => {
    server.replies[`GET ${KEYS}`] = listOf(key, { ...key, id: 'key_2' });
    expect(await run('api-keys disable ci --tenant ten_1')).toMatchObject({
      status: 1,
      notes: 'More than one key is named ci: choose by the id, key_1, key_2.\n',
    });
    server.replies[`GET ${KEYS}`] = listOf();
    expect(await run('api-keys delete ci --tenant ten_1 --yes')).toMatchObject({
      status: 1,
      notes: 'There is no key ci: the list command shows those that there are.\n',
    });
  });
});
