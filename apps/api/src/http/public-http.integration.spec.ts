import { publishedSchema } from '@millrace/contracts/openai';
import { echo, startApi, type ApiUnderTest } from '../../test/api-under-test.js';
import { call, expectError, post, question } from '../../test/requests.js';
import { ApiError } from './api-error.js';

const MIB = 2 ** 20;

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());
afterEach(() => {
  api.completeChat = echo;
});

describe('every answer without success has the envelope', () => {
  it('an unknown route is 404', async () => {
    const error = await expectError(await call(api, '/v1/nothing?secret=1'), 404);
    expect(error).toMatchObject({ type: 'invalid_request_error', code: 'route_not_found', param: null });
    expect(error.message).toContain('GET /v1/nothing');
    expect(error.message).not.toContain('secret');
  });

  it.each([
    ['GET', '/v1/chat/completions', 'POST'],
    ['DELETE', '/v1/models', 'GET, HEAD'],
    ['POST', '/v1/models/org/name:8b', 'GET, HEAD'],
    ['OPTIONS', '/v1/models', 'GET, HEAD'],
  ])('a wrong method, %s %s, is 405 and names the right ones', async (method, path, allowed) => {
    const response = await call(api, path, { method });
    expect(response.headers.get('allow')).toBe(allowed);
    await expectError(response, 405);
  });

  it.each([
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['application/jsonp', 415],
    [';;;', 415],
    ['application/json; charset=utf-8', 200],
    ['application/vnd.api+json', 200],
  ])('a body of the type %s is %d', async (type, status) => {
    const response = await post(api, question, { headers: { 'content-type': type } });
    if (status === 200) expect(response.status).toBe(200);
    else expect((await expectError(response, status)).code).toBe('unsupported_media_type');
  });

  it.each(['{"model": "secret words', '', '{"a":1}}', "{'a':1}"])('malformed JSON is 400: %j', async (text) => {
    const error = await expectError(await post(api, text), 400);
    expect(error).toMatchObject({ type: 'invalid_request_error', code: 'malformed_json' });
    expect(error.message).not.toContain('secret');
  });

  it.each(['[]', '"text"', '5', 'null', 'true'])('a body that is no object is 400: %s', async (text) => {
    expect(await expectError(await post(api, text), 400)).toMatchObject({ param: null, code: 'invalid_type' });
  });

  it('a value out of range is 400 with its path', async () => {
    const error = await expectError(await post(api, { ...question, temperature: 3 }), 400);
    expect(error).toMatchObject({ type: 'invalid_request_error', param: 'temperature' });
  });

  it('a profile that does not exist is 400 and names its header', async () => {
    const headers = { 'x-millrace-profile': 'loose' };
    const error = await expectError(await post(api, question, { headers }), 400);
    expect(error).toMatchObject({ param: 'x-millrace-profile', code: 'invalid_value' });
  });

  it('a URL that cannot be read is 400', async () => {
    const response = await call(api, '/v1/models/%E0%A4%A');
    expect((await expectError(response, 400)).code).toBe('malformed_http');
  });

  it('a failure nobody foresaw is 500 without internals, and the log has its request id', async () => {
    api.completeChat = () => Promise.reject(new Error('cannot read /root/secret of undefined'));
    const response = await post(api, question);
    const requestId = response.headers.get('x-request-id');
    const error = await expectError(response, 500);
    expect(error).toMatchObject({ type: 'server_error', param: null });
    expect(error.message).not.toMatch(/secret|undefined/);
    expect(api.log.find((entry) => entry['requestId'] === requestId && entry['level'] === 50)).toBeDefined();
  });

  it('what is out of reach is 503 with the time to wait in both headers', async () => {
    api.completeChat = () => Promise.reject(new ApiError({ kind: 'out_of_reach', what: 'queue', retryAfterMs: 1_500 }));
    const response = await post(api, question);
    expect(response.headers.get('retry-after')).toBe('2');
    expect(response.headers.get('retry-after-ms')).toBe('1500');
    await expectError(response, 503);
  });
});

describe('keys', () => {
  it.each([null, ''])('a missing one is 401 and says how to send it (%j)', async (key) => {
    const error = await expectError(await post(api, question, { key }), 401);
    expect(error).toMatchObject({ type: 'invalid_request_error', code: 'invalid_api_key' });
    expect(error.message).toContain("You didn't provide an API key");
  });

  it('a wrong one is 401 with a message of its own and is never echoed whole', async () => {
    const key = `mr-inference-${'x'.repeat(43)}`;
    const error = await expectError(await post(api, question, { key }), 401);
    expect(error).toMatchObject({ code: 'invalid_api_key' });
    expect(error.message).toBe('Incorrect API key provided: mr-inference-xxxxx….');
  });

  it("nothing of another service's key is echoed", async () => {
    const error = await expectError(await post(api, question, { key: 'sk-proj-abcdefgh' }), 401);
    expect(error.message).toBe('Incorrect API key provided.');
  });

  it('disabled and expired ones are 401 and say so', async () => {
    expect((await expectError(await post(api, question, { key: api.keys.disabled }), 401)).message).toContain(
      'is disabled',
    );
    expect((await expectError(await post(api, question, { key: api.keys.expired }), 401)).message).toContain(
      'has expired',
    );
  });

  it("a tenant administrator's key is 403 here, an operator's is not", async () => {
    const error = await expectError(await post(api, question, { key: api.keys.tenantAdmin }), 403);
    expect(error.message).toContain('of the kind tenant-admin');
    expect((await post(api, question, { key: api.keys.operator })).status).toBe(200);
  });

  it('another scheme than Bearer is 401', async () => {
    await expectError(await post(api, question, { key: null, headers: { authorization: 'Basic YTpi' } }), 401);
  });

  it('they are judged before the body is read', async () => {
    await expectError(await post(api, '{{{', { key: null, headers: { 'content-type': 'text/plain' } }), 401);
    await expectError(await post(api, 'x'.repeat(21 * MIB), { key: null }), 401);
  });
});

describe('models', () => {
  it('are listed as the published schema says', async () => {
    const response = await call(api, '/v1/models');
    const body = (await response.json()) as { data: { id: string }[] };
    expect(response.status).toBe(200);
    expect(publishedSchema('ListModelsResponse').safeParse(body).error).toBeUndefined();
    expect(body.data.map(({ id }) => id)).toEqual(['millrace-tiny', 'org/name:8b']);
    expect(response.headers.get('x-request-id')).toMatch(/^req_/);
    expect(response.headers.get('openai-processing-ms')).toMatch(/^\d+$/);
  });

  it.each(['millrace-tiny', 'org/name:8b', 'org%2Fname%3A8b'])('are found by id: %s', async (id) => {
    const response = await call(api, `/v1/models/${id}`);
    const body: unknown = await response.json();
    expect(response.status).toBe(200);
    expect(publishedSchema('Model').safeParse(body).error).toBeUndefined();
    expect(body).toEqual({ id: decodeURIComponent(id), object: 'model', created: 1_700_000_000, owned_by: 'millrace' });
  });

  it('that do not exist are 404, alone and in a completion', async () => {
    const expected = { type: 'invalid_request_error', param: 'model', code: 'model_not_found' };
    expect(await expectError(await call(api, '/v1/models/nothing'), 404)).toMatchObject(expected);
    expect(await expectError(await post(api, { ...question, model: 'nothing' }), 404)).toMatchObject(expected);
  });

  it('a key may not use are as if they did not exist', async () => {
    const key = api.keys.limited;
    const list = (await (await call(api, '/v1/models', { key })).json()) as { data: { id: string }[] };
    expect(list.data.map(({ id }) => id)).toEqual(['org/name:8b']);
    await expectError(await call(api, '/v1/models/millrace-tiny', { key }), 404);
    await expectError(await post(api, question, { key }), 404);
    expect((await post(api, { ...question, model: 'org/name:8b' }, { key })).status).toBe(200);
  });

  it('need a key', async () => {
    await expectError(await call(api, '/v1/models', { key: null }), 401);
    await expectError(await call(api, '/v1/models/millrace-tiny', { key: null }), 401);
  });
});

describe('probes', () => {
  it('/livez is served without a key', async () => {
    expect(await (await call(api, '/livez', { key: null })).json()).toEqual({ status: 'live' });
  });

  it('/readyz says what is missing', async () => {
    expect((await call(api, '/readyz', { key: null })).status).toBe(200);
    api.readiness.reasons = ['postgres is out of reach'];
    const error = await expectError(await call(api, '/readyz', { key: null }), 503);
    expect(error.message).toContain('postgres is out of reach');
    api.readiness.reasons = [];
  });
});

describe('request ids', () => {
  it('are new for each request and equal in the log', async () => {
    const [one, other] = [
      await post(api, question, { headers: { 'x-request-id': 'mine' } }),
      await call(api, '/v1/nothing'),
    ];
    const [id, otherId] = [one.headers.get('x-request-id'), other.headers.get('x-request-id')];
    expect(id).toMatch(/^req_/);
    expect(otherId).not.toBe(id);
    expect(await api.logged(id)).toMatchObject({ path: '/v1/chat/completions', method: 'POST', status: 200 });
    expect(await api.logged(otherId)).toMatchObject({ status: 404 });
  });

  it('no log line holds a key or a prompt', async () => {
    const prompt = 'the very secret prompt';
    const response = await post(api, { ...question, messages: [{ role: 'user', content: prompt }] });
    await api.logged(response.headers.get('x-request-id'));
    const text = JSON.stringify(api.log);
    expect(text).not.toContain(prompt);
    expect(text).not.toContain(api.keys.inference);
  });
});
