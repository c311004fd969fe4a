import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { callAdmin } from './admin-call.js';
import { BusyCallers } from './busy-callers.js';
import { eventually } from './eventually.js';
import type { DevFacts } from './npm-start.js';
import { startMillrace, type RunningMillrace } from './running-millrace.js';
import { serveBeside, type ServedProcess } from './served-process.js';

const GB = 1_000_000_000;
/** Five replicas fit on a device, so that three devices still hold all models, one of them twice. */
const DEVICE_BYTES = 12 * GB;
const WEIGHTS_BYTES = 2 * GB;
const RUNNERS = ['mercury', 'venus', 'earth', 'mars'];
const MODELS = Array.from({ length: 12 }, (_, index) => `planet-${String(index + 1)}`);
const CALLERS = 50;
/** Answers of about a second. */
const ENGINE = { timeToFirstTokenMs: 50, tokensPerSecond: 20, answerTokens: 20, loadMs: 200, slots: 8 };
const STEP_MS = 90_000;
const LIMIT_MS = 600_000;

interface Replica {
  id: string;
  model: string;
  runnerName: string;
  state: string;
  readySince: string;
}

let millrace: RunningMillrace;
let dev: DevFacts;
let callers: BusyCallers;
const runners = new Map<string, ServedProcess>();

const replicasOf = async (filter: string): Promise<Replica[]> =>
  (await callAdmin<{ data: Replica[] }>(dev, ['GET', `/replicas?limit=100&${filter}`])).data;

const ready = async (filter: string): Promise<Replica[]> => replicasOf(`state=ready&${filter}`);

async function runnerPath(name: string): Promise<string> {
  const { data } = await callAdmin<{ data: { id: string }[] }>(dev, ['GET', `/runners?name=${name}`]);
  return `/runners/${data[0]?.id ?? ''}`;
}

async function deploymentPath(model: string): Promise<string> {
  const { data } = await callAdmin<{ data: { id: string }[] }>(dev, ['GET', `/deployments?model=${model}`]);
  return `/deployments/${data[0]?.id ?? ''}`;
}

async function startRunner(name: string): Promise<void> {
  const file = join(millrace.home, `${name}.json`);
  const gpu = { index: 0, type: 'cuda', total: DEVICE_BYTES, used: 0 };
  await writeFile(file, JSON.stringify({ memory: { total: DEVICE_BYTES, used: 0 }, gpus: [gpu] }));
  const { joinToken, schedulerUrl } = dev;
  runners.set(
    name,
    await serveBeside(millrace.home, 'runner', {
      MILLRACE_SCHEDULER_URL: schedulerUrl,
      MILLRACE_JOIN_TOKEN: joinToken,
      MILLRACE_RUNNER_NAME: name,
      MILLRACE_DEVICES_FILE: file,
    }),
  );
}

async function deployOnDemand(name: string): Promise<void> {
  const model = { name, artifact: `simulated:${name}`, engine: 'simulated' };
  await callAdmin(dev, ['POST', '/models'], { ...model, engineOptions: { ...ENGINE, weightsBytes: WEIGHTS_BYTES } });
  const wish = { minReplicas: 0, keepAliveSeconds: 600, placement: { deviceType: 'cuda' } };
  await callAdmin(dev, ['POST', '/deployments'], { model: name, ...wish });
}

/** Every step leaves the callers undisturbed: each model answers calls that began after it. */
async function answersGoOn(): Promise<void> {
  await callers.hearAllModels(STEP_MS);
  expect(callers.failures).toEqual([]);
}

const reached = (what: string, look: () => Promise<boolean>) =>
  eventually(what, STEP_MS, async () => ((await look()) ? true : undefined));

beforeAll(async () => {
  millrace = await startMillrace({
    MILLRACE_MODEL: 'simulated:rehearsal',
    MILLRACE_ENGINE_OPTIONS: JSON.stringify(ENGINE),
  });
  dev = await millrace.devJson();
  for (const name of RUNNERS) await startRunner(name);
}, LIMIT_MS);

afterAll(async () => {
  await callers.stop();
  for (const runner of runners.values()) runner.kill();
  await millrace.stop();
}, LIMIT_MS);

describe('four runners of simulated devices with twelve models on demand and fifty callers who stream', () => {
  it(
    'load each model for its first caller',
    async () => {
      for (const model of MODELS) await deployOnDemand(model);
      callers = new BusyCallers(dev, MODELS, CALLERS);
      await answersGoOn();
    },
    LIMIT_MS,
  );

  it(
    'scale a deployment that is given a higher minimum, and keep it where it is pinned',
    async () => {
      await callAdmin(dev, ['PATCH', await deploymentPath('planet-1')], {
        minReplicas: 2,
        maxReplicas: 2,
        pinned: true,
      });
      await reached('planet-1 has two replicas', async () => (await ready('model=planet-1')).length === 2);
      await answersGoOn();
    },
    LIMIT_MS,
  );

  it(
    'evict a replica by hand, whose model comes back for its callers',
    async () => {
      const [replica] = await ready('model=planet-2');
      await callAdmin(dev, ['POST', `/replicas/${replica?.id ?? ''}/drain`]);
      await reached('the replica is gone', async () => {
        return (await replicasOf('model=planet-2')).every(({ id, state }) => id !== replica?.id || state === 'stopped');
      });
      await answersGoOn();
    },
    LIMIT_MS,
  );

  it(
    'empty a runner that is drained, and use it again',
    async () => {
      const path = await runnerPath('venus');
      await callAdmin(dev, ['POST', `${path}/drain`]);
      await reached('venus is empty', async () => {
        return (await replicasOf('')).every(({ runnerName, state }) => runnerName !== 'venus' || state === 'stopped');
      });
      await callAdmin(dev, ['POST', `${path}/uncordon`]);
      await answersGoOn();
    },
    LIMIT_MS,
  );

  it(
    'place what a runner had that was killed on the others, but not on one that is cordoned',
    async () => {
      await callAdmin(dev, ['POST', `${await runnerPath('earth')}/cordon`]);
      const before = new Set((await ready('')).map(({ id }) => id));
      runners.get('mars')?.kill();
      await answersGoOn();
      const fresh = (await ready('')).filter(({ id, runnerName }) => runnerName === 'earth' && !before.has(id));
      expect(fresh).toEqual([]);
      await callAdmin(dev, ['POST', `${await runnerPath('earth')}/uncordon`]);
    },
    LIMIT_MS,
  );

  it(
    'reload nothing when the scheduler dies',
    async () => {
      const before = (await ready('')).filter(({ runnerName }) => runnerName !== 'mars');
      process.kill((await millrace.devJson()).pids.scheduler, 'SIGKILL');
      await answersGoOn();
      const places = (replicas: readonly Replica[]) =>
        replicas.map(({ id, readySince }) => `${id} since ${readySince}`);
      await reached('all that served before serves on', async () => {
        const now = new Set(places(await ready('')));
        return places(before).every((place) => now.has(place));
      });
    },
    LIMIT_MS,
  );
});
