import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DevFacts } from './npm-start.js';
import { callRaw } from './raw-call.js';
import { startMillrace, type RunningMillrace } from './running-millrace.js';
import { query } from './stored-rows.js';

const GIB = 1024 ** 3;
/** One device, which holds one of the two models but not both. */
const DEVICES = {
  memory: { total: 64 * GIB, used: GIB },
  gpus: [{ index: 0, type: 'cuda', total: 24 * GIB, used: 0 }],
};
const MODEL = { weightsBytes: 14 * GIB, loadMs: 1_000, timeToFirstTokenMs: 10, tokensPerSecond: 50, slots: 2 };

let folder: string;
let millrace: RunningMillrace;
let dev: DevFacts;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-devices-'));
  await writeFile(join(folder, 'one-device.json'), JSON.stringify(DEVICES));
  millrace = await startMillrace({
    MILLRACE_MODEL: 'simulated:starter',
    MILLRACE_DEVICES_FILE: join(folder, 'one-device.json'),
    MILLRACE_MIN_RESIDENCY_MS: '1000',
  });
  dev = await millrace.devJson();
  // An answer of `day` takes 12 s, longer than callers wait in silence.
  await deploy('day', { ...MODEL, answerTokens: 600 });
  await deploy('night', { ...MODEL, answerTokens: 20 });
}, 120_000);

afterAll(async () => {
  await millrace.stop();
  await rm(folder, { recursive: true });
});

async function admin(path: string, body: object): Promise<void> {
  const response = await fetch(`${dev.baseUrl}/admin/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${dev.operatorKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (response.status !== 201) throw new Error(await response.text());
}

async function deploy(name: string, engineOptions: object): Promise<void> {
  await admin('/models', { name, artifact: `simulated:${name}`, engine: 'simulated', engineOptions });
  await admin('/deployments', { model: name, minReplicas: 0, maxReplicas: 1 });
}

const ask = (model: string) => callRaw(dev, { model, stream: true });

/** Tokens of the answer that has come back. */
const pieces = (text: string): number => text.split('"content":"').length - 1;

const decisions = () =>
  query<{ action: string; reason: string; model: string; for: string | null }>(
    dev.databaseUrl,
    `SELECT action, reason, m.name AS model, other.name AS "for"
     FROM scheduler_decisions s JOIN deployments d ON d.id = s.deployment_id JOIN models m ON m.id = d.model_id
     LEFT JOIN deployments o ON o.id = s.numbers->'eviction'->>'forDeploymentId'
     LEFT JOIN models other ON other.id = o.model_id
     WHERE m.name <> 'starter' AND action IN ('start', 'stop') ORDER BY s.id`,
  );

describe('two models on demand on a device that holds one of them', () => {
  it('are both answered, in turn; who waits hears its place, and nobody who is served is cut off', async () => {
    const day = ask('day');
    await day.until('"content":"');
    const night = ask('night');
    await night.until(': queued position=1');
    expect(pieces(night.received())).toBe(0);
    await day.until('data: [DONE]');
    await night.until('data: [DONE]');
    expect(pieces(night.received())).toBeGreaterThan(0);
    expect(day.received()).not.toContain('"error"');
    expect(night.received()).not.toContain('"error"');

    const again = ask('day');
    await again.until('data: [DONE]');
    expect(await decisions()).toEqual([
      { action: 'start', reason: 'demand', model: 'day', for: null },
      { action: 'stop', reason: 'evicted', model: 'day', for: 'night' },
      { action: 'start', reason: 'demand', model: 'night', for: null },
      { action: 'stop', reason: 'evicted', model: 'night', for: 'day' },
      { action: 'start', reason: 'demand', model: 'day', for: null },
    ]);
  }, 120_000);
});
