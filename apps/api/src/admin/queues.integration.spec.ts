import { startApi, type ApiUnderTest } from '../../test/api-under-test.js';
import { call, expectError } from '../../test/requests.js';

const PATH = '/admin/v1/queues';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

const read = async (query = '') => call(api, PATH + query, { key: api.keys.operator });

describe('GET /admin/v1/queues', () => {
  it('lists the queue of each deployment, those that are empty too', async () => {
    const counts = { waiting: 2, running: 1 };
    const byTenant = { ten_1: counts };
    const byBand = { standard: counts };
    const measured = { oldestWaitMs: 1_200, tokensPerSecond: 12.34, answers: 3, meanAnswerTokens: 20 };
    const queue = { deploymentId: 'dep_millrace-tiny', ...counts, ...measured, byTenant, byBand };
    api.gathered = { queues: new Map([[queue.deploymentId, queue]]), complete: true };
    const response = await read();
    expect(response.status).toBe(200);
    expect(response.headers.get('x-millrace-warning')).toBeNull();
    const empty = { waiting: 0, running: 0, oldestWaitMs: 0, serviceRateTokensPerSecond: 0, byTenant: {}, byBand: {} };
    expect(await response.json()).toEqual({
      object: 'list',
      data: [
        { deploymentId: 'dep_org/name:8b', model: 'org/name:8b', ...empty },
        {
          deploymentId: 'dep_millrace-tiny',
          model: 'millrace-tiny',
          ...counts,
          oldestWaitMs: 1_200,
          serviceRateTokensPerSecond: 12.3,
          byTenant,
          byBand,
        },
      ],
      hasMore: false,
    });
  });

  it('says so when not every process has answered', async () => {
    api.gathered = { queues: new Map(), complete: false };
    expect((await read()).headers.get('x-millrace-warning')).toContain('not every API process');
  });

  it('answers in parts', async () => {
    const first = await (await read('?limit=1')).json();
    expect(first).toMatchObject({ data: [{ model: 'org/name:8b' }], hasMore: true });
    const second = await (await read('?limit=1&after=dep_org/name:8b')).json();
    expect(second).toMatchObject({ data: [{ model: 'millrace-tiny' }], hasMore: false });
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=', 'limit'],
    ['limit=ten', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['after=', 'after'],
    ['after=a&after=b', 'after'],
    ['offset=3', 'offset'],
  ])('refuses ?%s and names the parameter', async (query, param) => {
    expect(await expectError(await read(`?${query}`), 400)).toMatchObject({ type: 'invalid_request_error', param });
  });

  it('is for operators only', async () => {
    for (const key of [api.keys.inference, api.keys.tenantAdmin]) {
      const error = await expectError(await call(api, PATH, { key }), 403);
      expect(error).toMatchObject({
        code: 'wrong_kind_of_key',
        message: expect.stringContaining('operator') as string,
      });
    }
    expect(await expectError(await call(api, PATH, { key: null }), 401)).toMatchObject({ code: 'invalid_api_key' });
    expect(await expectError(await call(api, PATH, { key: 'mr-operator-nonsense' }), 401)).toMatchObject({
      code: 'invalid_api_key',
    });
  });

  it('takes GET only', async () => {
    await expectError(await call(api, PATH, { key: api.keys.operator, method: 'DELETE' }), 405);
  });
});
