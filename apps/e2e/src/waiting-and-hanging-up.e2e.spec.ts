import { callRaw, type HangUp, type RawCall } from './raw-call.js';
import { startMillrace, type RunningMillrace } from './running-millrace.js';
import type { DevFacts } from './npm-start.js';
import { query } from './stored-rows.js';

/** Two slots; an answer begins after half a second and takes half a minute. */
const SLOTS = 2;
const OPTIONS = { timeToFirstTokenMs: 500, tokensPerSecond: 50, answerTokens: 1_500, slots: SLOTS };
/** Within this a hang-up frees what the call had. */
const FREE_WITHIN_MS = 250;

let millrace: RunningMillrace;
let dev: DevFacts;
let calls: RawCall[] = [];
/** Jobs so far; `npm start` itself asks once. */
let jobs = 1;

beforeAll(async () => {
  millrace = await startMillrace({
    MILLRACE_MODEL: 'simulated:patience',
    MILLRACE_ENGINE_OPTIONS: JSON.stringify(OPTIONS),
  });
  dev = await millrace.devJson();
}, 120_000);

afterAll(async () => {
  await millrace.stop();
});

afterEach(async () => {
  for (const one of calls) one.hangUp('RST');
  calls = [];
  await queueIs({ waiting: 0, running: 0 });
  // Every job leaves one row, and no job leaves two.
  while ((await usageRows()).length < jobs);
  expect(await usageRows()).toHaveLength(jobs);
});

function call(body: object = {}, headers: Readonly<Record<string, string>> = {}): RawCall {
  const made = callRaw(dev, body, headers);
  calls.push(made);
  jobs += 1;
  return made;
}

async function readQueue(): Promise<{ waiting: number; running: number }> {
  const response = await fetch(`${dev.baseUrl}/admin/v1/queues`, {
    headers: { authorization: `Bearer ${dev.operatorKey}` },
  });
  const { data } = (await response.json()) as { data: [{ waiting: number; running: number }] };
  return data[0];
}

/** Asks until the queue is like this, and answers how long it took; the test's own limit ends the waiting. */
async function queueIs(wanted: { waiting: number; running: number }): Promise<number> {
  const sinceMs = performance.now();
  for (;;) {
    const { waiting, running } = await readQueue();
    if (waiting === wanted.waiting && running === wanted.running) return performance.now() - sinceMs;
  }
}

/** Calls that use every slot and generate. */
async function fillSlots(): Promise<RawCall[]> {
  const filling = Array.from({ length: SLOTS }, () => call({ stream: true }));
  await Promise.all(filling.map((one) => one.until('"content":"')));
  return filling;
}

interface UsageRow {
  id: string;
  outcome: string;
  tokens: number;
}

function usageRows(): Promise<UsageRow[]> {
  return query<UsageRow>(
    dev.databaseUrl,
    'SELECT job_id AS id, outcome, completion_tokens::int AS tokens FROM usage_records ORDER BY finished_at',
  );
}

/** The usage rows that are written from now on, once there are so many. */
async function watchUsage(): Promise<(count: number) => Promise<UsageRow[]>> {
  const before = new Set((await usageRows()).map(({ id }) => id));
  return async (count) => {
    for (;;) {
      const written = (await usageRows()).filter(({ id }) => !before.has(id));
      if (written.length >= count) return written;
    }
  };
}

const ways: [string, boolean, HangUp][] = [
  ['streamed, FIN', true, 'FIN'],
  ['streamed, RST', true, 'RST'],
  ['not streamed, FIN', false, 'FIN'],
  ['not streamed, RST', false, 'RST'],
];

describe('a caller who hangs up', () => {
  it.each(ways)('while it waits frees its place at once and is not billed (%s)', async (_, stream, how) => {
    await fillSlots();
    const usage = await watchUsage();
    const waiting = call({ stream });
    await queueIs({ waiting: 1, running: SLOTS });
    waiting.hangUp(how);
    expect(await queueIs({ waiting: 0, running: SLOTS })).toBeLessThan(FREE_WITHIN_MS);
    expect(await usage(1)).toMatchObject([{ outcome: 'cancelled', tokens: 0 }]);
  });

  it.each(ways)('while its prompt is read frees its slot at once (%s)', async (_, stream, how) => {
    const usage = await watchUsage();
    const reading = call({ stream });
    await queueIs({ waiting: 0, running: 1 });
    reading.hangUp(how);
    expect(await queueIs({ waiting: 0, running: 0 })).toBeLessThan(FREE_WITHIN_MS);
    expect(await usage(1)).toMatchObject([{ outcome: 'cancelled', tokens: 0 }]);
  });

  it.each(ways)('while its answer is generated gives its slot to the next at once (%s)', async (_, stream, how) => {
    const generating = call({ stream });
    await queueIs({ waiting: 0, running: 1 });
    // What began later has text, so this one has, too.
    await call({ stream: true }).until('"content":"');
    call({ stream: true });
    await queueIs({ waiting: 1, running: SLOTS });
    const usage = await watchUsage();
    generating.hangUp(how);
    expect(await queueIs({ waiting: 0, running: SLOTS })).toBeLessThan(FREE_WITHIN_MS);
    const [row, ...more] = await usage(1);
    expect(row?.outcome).toBe('cancelled');
    expect(row?.tokens).toBeGreaterThan(0);
    expect(more).toEqual([]);
  });
});

describe('a caller who waits', () => {
  it('hears after 10 s of its place, and then the answer', async () => {
    const [first] = await fillSlots();
    const waiting = call({ stream: true });
    await waiting.until('\r\n\r\n');
    await waiting.until('\n\n');
    expect(waiting.received()).toMatch(/^HTTP\/1\.1 200 [\s\S]*\r\n: queued position=1(?: eta=\d+\.\ds)?\n\n/);
    first?.hangUp('FIN');
    await waiting.until('"content":"');
    expect(waiting.received()).toMatch(/: queued [^\n]*\n\n[\s\S]*data: \{[^\n]*"role":"assistant"/);
  });

  it('gets 504 when its job does not start in time, and the job never runs', async () => {
    await fillSlots();
    const usage = await watchUsage();
    const waiting = call({ stream: true }, { 'x-millrace-start-deadline-ms': '300' });
    await waiting.until('}}');
    expect(waiting.received()).toMatch(/^HTTP\/1\.1 504 [\s\S]*"code":"deadline_exceeded"/);
    expect(waiting.received()).toContain('The start deadline of 300 ms has passed.');
    expect(await usage(1)).toMatchObject([{ outcome: 'expired', tokens: 0 }]);
    expect(await readQueue()).toMatchObject({ waiting: 0, running: SLOTS });
  });

  it('gets one error event when time is up in the middle of the answer, and pays for what there was', async () => {
    const usage = await watchUsage();
    const late = call({ stream: true }, { 'x-millrace-total-deadline-ms': '1500' });
    await late.until('"error":');
    expect(late.received()).toContain('The total deadline of 1500 ms has passed.');
    expect(late.received()).not.toContain('[DONE]');
    const [row] = await usage(1);
    expect(row?.outcome).toBe('cancelled');
    expect(row?.tokens).toBeGreaterThan(0);
  });
});
