import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.js';
import { npmStart } from './npm-start.js';
import { runMillrace } from './run-millrace.js';

let home: string;
let millrace: Awaited<ReturnType<typeof npmStart>>;

const start = async () => {
  millrace = await npmStart({ home, environment: { MILLRACE_MODEL: 'simulated:rehearsal' } });
};
const stop = async () => {
  millrace.signal('SIGTERM');
  await millrace.ended;
};

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'millrace-fleet-states-'));
  await start();
}, 120_000);
afterAll(async () => {
  await stop();
  await rm(home, { recursive: true, force: true });
});

interface Runner {
  id: string;
  adminState: string;
  replicas: number;
  status: { phase: string };
}

async function run<Answer>(words: string): Promise<Answer> {
  const ended = await runMillrace({
    arguments: [...words.split(' '), '--json'],
    environment: { MILLRACE_HOME: home },
  });
  expect(ended).toMatchObject({ code: 0 });
  return JSON.parse(ended.output) as Answer;
}

async function runner(): Promise<Runner> {
  const { data } = await run<{ data: Runner[] }>('runners list');
  if (data[0] === undefined) throw new Error('There is no runner.');
  return data[0];
}

describe('what operators want of a runner', () => {
  it('is kept when everything restarts, and carried out: cordoned, drained and in service again', async () => {
    const { id } = await runner();
    expect(await run(`runners cordon ${id}`)).toMatchObject({ adminState: 'cordoned' });
    await stop();
    await start();
    expect(await runner()).toMatchObject({ id, adminState: 'cordoned', replicas: 1 });

    await run(`runners drain ${id}`);
    await eventually('the runner is drained', 10_000, async () =>
      (await runner()).status.phase === 'drained' ? true : undefined,
    );
    expect(await run('replicas list')).toMatchObject({ data: [] });

    await run(`runners uncordon ${id}`);
    await eventually('its replica is back', 20_000, async () => {
      const { data } = await run<{ data: { state: string }[] }>('replicas list');
      return data.length === 1 && data[0]?.state === 'ready' ? true : undefined;
    });
  }, 180_000);
});
