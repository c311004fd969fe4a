import { serveHealth, type HealthServer } from './health-server.js';
import { Metrics } from './metrics.js';
import { checkInTime, ProcessReadiness } from './process-readiness.js';

let server: HealthServer;
let readiness: ProcessReadiness;
let storeAnswers: boolean;

beforeEach(async () => {
  storeAnswers = true;
  readiness = new ProcessReadiness();
  readiness.require(async () => (await checkInTime('redis', storeAnswers ? Promise.resolve() : refuse())).problem);
  const metrics = new Metrics();
  metrics.gauge({ name: 'millrace_slots', help: 'Slots.', labelNames: ['state'] }, () => [
    { labels: { state: 'free' }, value: 7 },
  ]);
  metrics.gauge({ name: 'millrace_unknown', help: 'Cannot be read.', labelNames: ['place'] }, () =>
    Promise.reject(new Error('away')),
  );
  server = await serveHealth({ listen: '127.0.0.1:0', readiness: readiness.reasons, metrics });
});
afterEach(() => server.close());

function refuse(): Promise<never> {
  return Promise.reject(new Error('connect ECONNREFUSED 10.0.0.1'));
}

function get(path: string, method = 'GET'): Promise<Response> {
  return fetch(`http://${server.address}${path}`, { method });
}

describe('the health of a process', () => {
  it('is live from the beginning and ready once it serves', async () => {
    expect((await get('/livez')).status).toBe(200);
    expect(await (await get('/readyz')).json()).toEqual({ status: 'not ready', reasons: ['it is starting'] });
    readiness.serve();
    const ready = await get('/readyz');
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready' }]);
  });

  it('says what is out of reach, without the words of the store', async () => {
    readiness.serve();
    storeAnswers = false;
    const answer = await get('/readyz');
    expect([answer.status, await answer.json()]).toEqual([
      503,
      { status: 'not ready', reasons: ['redis is out of reach'] },
    ]);
  });

  it('is not ready from the moment it stops, whatever came before', async () => {
    readiness.serve();
    readiness.stop();
    readiness.serve();
    expect(await (await get('/readyz')).json()).toEqual({ status: 'not ready', reasons: ['it is stopping'] });
  });

  it('is told in numbers, without those that cannot be read', async () => {
    const answer = await get('/metrics');
    const text = await answer.text();
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(text).toContain('millrace_slots{state="free"} 7\n');
    expect(text).toContain('process_cpu_seconds_total');
    expect(text).not.toMatch(/^millrace_unknown\b/m);
  });

  it('serves nothing else', async () => {
    expect((await get('/')).status).toBe(404);
    expect((await get('/livez', 'POST')).status).toBe(405);
    expect(await (await get('/livez', 'HEAD')).text()).toBe('');
  });

  it('says in one sentence that its address is taken', async () => {
    const second = serveHealth({ listen: server.address, readiness: readiness.reasons, metrics: new Metrics() });
    await expect(second).rejects.toThrow(/^MILLRACE_HEALTH_LISTEN: 127\.0\.0\.1:\d+ cannot be used: .* or to off\.$/);
  });
});
