import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { npmStart, type DevFacts } from './npm-start.js';

const SIMULATED = { MILLRACE_MODEL: 'simulated:demo', MILLRACE_ENGINE_OPTIONS: '{"answerTokens":5}' };

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'millrace-withdrawn-keys-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

/** Starts, lets the test look at the installation, and stops. */
async function startOnce(look: (dev: DevFacts, output: string) => Promise<void>): Promise<void> {
  const running = await npmStart({ home, environment: SIMULATED });
  try {
    await look(await running.dev(), running.output());
  } finally {
    running.signal('SIGTERM');
    await running.ended;
  }
}

interface Ask {
  key: string;
  method?: string;
  body?: object;
}

async function ask({ baseUrl }: DevFacts, path: string, { key, method = 'GET', body }: Ask) {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(baseUrl + path, { method, headers, ...sent });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, never> };
}

const me = '/admin/v1/me';

describe('keys that were withdrawn', () => {
  it('do not work again at the next npm start, which goes on with new ones whatever operators deny themselves', async () => {
    const old = { operatorKey: '', apiKey: '' };
    let rotated = '';
    await startOnce(async (dev) => {
      Object.assign(old, { operatorKey: dev.operatorKey, apiKey: dev.apiKey });
      const key = old.operatorKey;
      const { tenant, apiKey } = (await ask(dev, me, { key })).body as Record<string, { id: string }>;
      const operators = `/admin/v1/tenants/${tenant?.id ?? ''}`;
      const limits = { limits: { requestsPerMinute: 0 } };
      expect((await ask(dev, operators, { key, method: 'PATCH', body: limits })).status).toBe(200);
      const tenants = (await ask(dev, '/admin/v1/tenants?name=default', { key })).body as { data?: { id: string }[] };
      const newcomers = `/admin/v1/tenants/${tenants.data?.[0]?.id ?? ''}/api-keys`;
      const found = (await ask(dev, `${newcomers}?kind=inference`, { key })).body as { data?: { id: string }[] };
      const deleted = await ask(dev, `${newcomers}/${found.data?.[0]?.id ?? ''}`, { key, method: 'DELETE' });
      expect(deleted.status).toBe(204);
      const rotation = { key, method: 'POST', body: { overlapSeconds: 0 } };
      const { body } = await ask(dev, `${operators}/api-keys/${apiKey?.id ?? ''}/rotate`, rotation);
      rotated = String(body['secret']);
      expect((await ask(dev, me, { key })).status).toBe(401);
    });
    await startOnce(async (dev, output) => {
      expect(output).toContain("was refused by what the operators' tenant may use: ");
      for (const key of Object.values(old)) expect((await ask(dev, '/v1/models', { key })).status).toBe(401);
      for (const key of [dev.operatorKey, rotated]) expect((await ask(dev, me, { key })).status).toBe(200);
      const chat = { model: dev.model, messages: [{ role: 'user', content: 'Hi' }] };
      const answer = await ask(dev, '/v1/chat/completions', { key: dev.apiKey, method: 'POST', body: chat });
      expect(answer.status).toBe(200);
    });
  }, 240_000);
});
