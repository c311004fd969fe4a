import { startApi, type ApiUnderTest } from '../../test/api-under-test.js';
import { call, expectError } from '../../test/requests.js';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

/** As a proxy on this machine passes a request on. */
const forwarded = { 'x-forwarded-for': '203.0.113.7' };

describe('the metrics of the API', () => {
  it('are for whoever is on this machine', async () => {
    const answer = await call(api, '/metrics', { key: null });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await answer.text()).toContain('millrace_open_jobs');
  });

  it('want an operator key from everybody else', async () => {
    expect((await call(api, '/metrics', { key: api.keys.operator, headers: forwarded })).status).toBe(200);
    await expectError(await call(api, '/metrics', { key: null, headers: forwarded }), 401);
    await expectError(await call(api, '/metrics', { headers: forwarded }), 403);
  });

  it('are not for pages in a browser on this machine, nor for proxies of other habits', async () => {
    const others = [{ origin: 'https://elsewhere.example' }, { 'x-real-ip': '203.0.113.7' }, { via: '1.1 proxy' }];
    for (const headers of others) await expectError(await call(api, '/metrics', { key: null, headers }), 401);
  });
});
