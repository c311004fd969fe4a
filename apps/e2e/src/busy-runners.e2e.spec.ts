import { callAdmin } from './admin-call.js';
import { BusyCallers } from './busy-callers.js';
import { eventually } from './eventually.js';
import type { DevFacts } from './npm-start.js';
import { startMillrace, type RunningMillrace } from './running-millrace.js';
import { replicasReady, SecondRunner } from './second-runner.js';

const CALLERS = 6;
const STEP_MS = 60_000;
const LIMIT_MS = 180_000;

let millrace: RunningMillrace;
let dev: DevFacts;
let second: SecondRunner;
let callers: BusyCallers;

interface Replica {
  runnerName: string;
  state: string;
}

async function secondPath(): Promise<string> {
  const { data } = await callAdmin<{ data: { id: string }[] }>(dev, ['GET', '/runners?name=second']);
  return `/runners/${data[0]?.id ?? ''}`;
}

/** States of the replicas that the second runner holds. */
async function secondHolds(): Promise<string[]> {
  const { data } = await callAdmin<{ data: Replica[] }>(dev, ['GET', '/replicas']);
  return data.flatMap(({ runnerName, state }) => (runnerName === 'second' && state !== 'stopped' ? [state] : []));
}

const secondReaches = (states: readonly string[]) =>
  eventually(`the second runner holds: ${states.join() || 'nothing'}`, STEP_MS, async () => {
    return (await secondHolds()).join() === states.join() ? true : undefined;
  });

async function answersGoOn(): Promise<void> {
  await callers.hearAllModels(STEP_MS);
  expect(callers.failures).toEqual([]);
}

beforeAll(async () => {
  millrace = await startMillrace();
  dev = await millrace.devJson();
  second = new SecondRunner(millrace.home, dev);
  second.start();
  await replicasReady(dev.databaseUrl, 2);
  callers = new BusyCallers(dev, [dev.model], CALLERS);
}, LIMIT_MS);

afterAll(async () => {
  await callers.stop();
  await second.stop();
  await millrace.stop();
}, LIMIT_MS);

describe('two runners of a real model and callers who stream', () => {
  it(
    'answer on while one of them is drained and used again',
    async () => {
      const path = await secondPath();
      await callAdmin(dev, ['POST', `${path}/drain`]);
      await secondReaches([]);
      await answersGoOn();
      await callAdmin(dev, ['POST', `${path}/uncordon`]);
      await secondReaches(['ready']);
      await answersGoOn();
    },
    LIMIT_MS,
  );

  it(
    'answer on while one of them is killed and started again',
    async () => {
      process.kill(second.pid, 'SIGKILL');
      await answersGoOn();
      second.start();
      await replicasReady(dev.databaseUrl, 2);
      await answersGoOn();
    },
    LIMIT_MS,
  );

  it(
    'answer on while the runner of npm start and the scheduler are killed',
    async () => {
      const { pids } = await millrace.devJson();
      process.kill(pids.runner, 'SIGKILL');
      process.kill(pids.scheduler, 'SIGKILL');
      await answersGoOn();
      await replicasReady(dev.databaseUrl, 2);
      await answersGoOn();
    },
    LIMIT_MS,
  );
});
