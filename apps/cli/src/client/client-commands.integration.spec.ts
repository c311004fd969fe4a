import { startFakeServer, type FakeServer } from '../../test/fake-server.js';
import { clientOf } from '../../test/run-client.js';

const KEY = 'mr-operator-secret';
const tenant = {
  id: 'ten_1',
  name: 'acme',
  weight: 1,
  allowedModels: null,
  limits: { requestsPerMinute: 60, tokensPerMinute: null, maxConcurrent: null, tokensPerMonth: null },
  disabled: false,
  version: 3,
  createdAt: '2026-11-25T16:34:05.678Z',
};
const listOf = (data: unknown[], hasMore = false) => ({ object: 'list', data, hasMore });
const error = (message: string, code: string) => ({ error: { message, type: 'x', param: null, code } });
const me = { tenant: { id: 'ten_0', name: 'operator' }, apiKey: { id: 'key_1', name: 'first', kind: 'operator' } };

let server: FakeServer;
beforeEach(async () => {
  server = await startFakeServer();
  server.replies['GET /admin/v1/me'] = { json: me };
  server.replies['GET /admin/v1/tenants'] = { json: listOf([tenant]) };
});
afterEach(() => server.stop());

const run = clientOf(() => server, KEY);
const asked = () => server.heard.map(({ method, url }) => `${method} ${url.replace('/admin/v1', '')}`);

describe('a list', () => {
  it('is a table for people', async () => {
    expect(await run('tenants list')).toMatchObject({
      status: 0,
      output:
        'NAME  ID     STATE    LIMITS           MODELS  CREATED (UTC)\n' +
        'acme  ten_1  enabled  60 requests/min  any     2026-11-25 16:34:05\n',
      notes: '',
    });
    expect(server.heard[0]).toMatchObject({
      url: '/admin/v1/tenants',
      headers: { authorization: `Bearer ${KEY}`, accept: 'application/json' },
    });
  });

  it('is what the server says, to the letter, with --json', async () => {
    const text = '{ "object":"list", "data":[ {"id":"ten_1","name":"acme","added":1.0} ],"hasMore":true }';
    server.replies['GET /admin/v1/tenants'] = { text, headers: { 'content-type': 'application/json' } };
    expect(await run('tenants list --limit 1 --after ten_2 --json')).toMatchObject({ output: `${text}\n`, notes: '' });
    expect(asked()).toEqual(['GET /tenants?limit=1&after=ten_2']);
  });

  it('says that there is more, and reads it all with --all', async () => {
    const parts = [
      {
        json: listOf(
          [
            { id: 'ten_3', name: 'c' },
            { id: 'ten_2', name: 'b' },
          ],
          true,
        ),
      },
      { json: listOf([{ id: 'ten_1', name: 'a' }]) },
    ];
    server.replies['GET /admin/v1/tenants'] = parts.slice();
    expect(await run('tenants list')).toMatchObject({
      notes: expect.stringMatching(/^There are more: --all/) as string,
    });
    server.replies['GET /admin/v1/tenants'] = parts.slice();
    server.heard = [];
    const all = await run('tenants list --all --json');
    expect(JSON.parse(all.output)).toMatchObject({
      data: [{ name: 'c' }, { name: 'b' }, { name: 'a' }],
      hasMore: false,
    });
    expect(asked()).toEqual(['GET /tenants?limit=100', 'GET /tenants?limit=100&after=ten_2']);
  });

  it('that is empty says so', async () => {
    server.replies['GET /admin/v1/tenants'] = { json: listOf([]) };
    expect(await run('tenants list')).toMatchObject({ status: 0, output: '', notes: 'There are none.\n' });
  });

  it('passes on what the server warns of', async () => {
    server.replies['GET /admin/v1/queues'] = { json: listOf([]), headers: { 'x-millrace-warning': 'incomplete' } };
    expect((await run('queues list')).notes).toContain('Warning: incomplete\n');
  });
});

describe('a tenant', () => {
  it('is created with what was typed, under a key that makes a repetition harmless', async () => {
    server.replies['POST /admin/v1/tenants'] = [
      { status: 503, headers: { 'retry-after-ms': '1' }, json: error('Away.', 'out_of_reach') },
      { status: 201, json: tenant },
    ];
    const words = 'tenants create --name acme --requests-per-minute 60 --max-concurrent none --allowed-models a,b';
    expect(await run(words)).toMatchObject({ status: 0, output: expect.stringMatching(/^id +ten_1$/m) as string });
    const [first, second] = server.heard;
    expect(first?.body).toEqual({ name: 'acme', allowedModels: ['a', 'b'], limits: { requestsPerMinute: 60 } });
    expect(first?.headers['idempotency-key']).toMatch(/^[\w-]{36}$/);
    expect(second).toEqual(first);
  });

  it('is changed by a merge patch, found by its name', async () => {
    server.replies['PATCH /admin/v1/tenants/ten_1'] = { json: { ...tenant, name: 'acme2' } };
    const words = 'tenants update acme --name acme2 --tokens-per-month none --allowed-models any --if-version 3';
    expect(await run(words)).toMatchObject({ status: 0 });
    expect(asked()).toEqual(['GET /me', 'GET /tenants?name=acme', 'PATCH /tenants/ten_1']);
    expect(server.heard.at(-1)).toMatchObject({
      body: { name: 'acme2', allowedModels: null, limits: { tokensPerMonth: null } },
      headers: { 'if-match': '"3"' },
    });
  });

  it('is disabled and enabled by its id without looking it up', async () => {
    server.replies['PATCH /admin/v1/tenants/ten_1'] = { json: tenant };
    await run('tenants disable ten_1');
    await run('tenants enable ten_1');
    expect(server.heard.map(({ body }) => body)).toEqual([{ disabled: true }, { disabled: false }]);
  });

  it('is deleted when the person agrees, or with --yes', async () => {
    server.replies['DELETE /admin/v1/tenants/ten_1'] = { status: 204 };
    const agreed = await run('tenants delete acme', { answers: 'y' });
    expect(agreed).toMatchObject({ status: 0, notes: 'The tenant acme is deleted.\n' });
    expect(agreed.questions).toEqual(['Delete the tenant acme with its keys and agents? [y/N] ']);
    expect(await run('tenants delete ten_1 --yes')).toMatchObject({ status: 0, questions: [] });
  });

  it('stays when the person does not agree, or nobody can be asked', async () => {
    expect(await run('tenants delete ten_1', { answers: '' })).toMatchObject({
      status: 1,
      notes: 'Nothing was deleted.\n',
    });
    expect(await run('tenants delete ten_1')).toMatchObject({
      status: 2,
      notes: 'To delete the tenant ten_1 with its keys and agents without being asked, add --yes.\n',
    });
    expect(server.heard).toEqual([]);
  });

  it('that nobody knows is a sentence', async () => {
    server.replies['GET /admin/v1/tenants'] = { json: listOf([]) };
    expect(await run('tenants get acme')).toMatchObject({
      status: 1,
      notes: 'There is no tenant named acme: ./millrace tenants list shows those that there are.\n',
    });
  });
});

describe('the tenant that a command is about', () => {
  beforeEach(() => {
    server.replies['GET /admin/v1/tenants/ten_1/api-keys'] = { json: listOf([]) };
    server.replies['GET /admin/v1/tenants/ten_1'] = { json: tenant };
  });

  it('must be named with an operator key', async () => {
    expect(await run('api-keys list')).toMatchObject({
      status: 2,
      notes: 'An operator key acts for every tenant: say which one with --tenant.\n',
    });
  });

  it('is that of the key otherwise, and may be named', async () => {
    server.replies['GET /admin/v1/me'] = { json: { tenant, apiKey: { ...me.apiKey, kind: 'tenant-admin' } } };
    expect(await run('api-keys list')).toMatchObject({ status: 0 });
    expect(await run('api-keys list --tenant acme')).toMatchObject({ status: 0 });
    expect(await run('api-keys list --tenant other')).toMatchObject({
      status: 1,
      notes: 'This key is one of the tenant acme: it takes an operator key to act for other.\n',
    });
  });
});

describe('what goes wrong', () => {
  it('on the command line ends with 2 and says what is taken', async () => {
    expect(await run('tenants create')).toMatchObject({
      status: 2,
      notes: expect.stringMatching(/required option '--name <name>'[^]*\(\.\/millrace tenants create --help/) as string,
    });
    expect(await run('tenants update ten_1')).toMatchObject({
      status: 2,
      notes: expect.stringContaining('Say what') as string,
    });
    expect(await run('tenants list --limit ten')).toMatchObject({ status: 2 });
    expect(await run('tenants list --key a --key-stdin')).toMatchObject({ status: 2 });
    expect(server.heard).toEqual([]);
  });

  it('at the server ends with 1, what it said, what to do and the id of the request', async () => {
    server.replies['GET /admin/v1/tenants'] = {
      ...{ status: 401, headers: { 'x-request-id': 'req_7' } },
      json: error('Incorrect API key provided: mr-operator-abcde….', 'invalid_api_key'),
    };
    expect(await run('tenants list')).toMatchObject({
      status: 1,
      output: '',
      notes:
        'Incorrect API key provided: mr-operator-abcde…. The key came from MILLRACE_KEY: give a valid one with ' +
        '--key-stdin, MILLRACE_KEY or a profile. (x-request-id req_7)\n',
    });
  });

  it('between here and the server is a sentence, and what may be repeated is', async () => {
    server.replies['GET /admin/v1/tenants'] = ['break', { json: listOf([tenant]) }];
    expect(await run('tenants list')).toMatchObject({ status: 0 });
    server.replies['DELETE /admin/v1/tenants/ten_1'] = 'break';
    server.heard = [];
    expect(await run('tenants delete ten_1 --yes')).toMatchObject({
      status: 1,
      notes: expect.stringMatching(/closed the connection without an answer.*look before you repeat it\.\n$/) as string,
    });
    expect(server.heard).toHaveLength(1);
  });

  it('by taking too long ends after --timeout', async () => {
    server.replies['GET /admin/v1/tenants'] = 'stay-silent';
    expect(await run('tenants list --timeout 0.05')).toMatchObject({
      status: 1,
      notes: `${server.url} (from MILLRACE_URL) has not answered within 0.05 s. Try again, or wait longer with --timeout.\n`,
    });
  });

  it.each([
    [{ status: 200, text: '<html>Hello</html>' }, 'answered 200 with text/html that is not'],
    [{ status: 302, headers: { location: 'https://login' } }, 'sends on to https://login.'],
    [
      { json: { object: 'list', data: [{ name: 5 }], hasMore: false } },
      'a form that this client does not know (data.0.id)',
    ],
  ])('with an answer of somebody else says so', async (reply, words) => {
    server.replies['GET /admin/v1/tenants'] = reply;
    expect(await run('tenants list')).toMatchObject({ status: 1, notes: expect.stringContaining(words) as string });
  });

  it('is nobody there', async () => {
    const { url } = server;
    await server.stop();
    const { status, notes } = await run('me');
    expect({ status, notes }).toMatchObject({
      status: 1,
      notes: expect.stringMatching(/^Nothing listens at/) as string,
    });
    server = await startFakeServer();
    expect(notes).toContain(url);
  });
});
