import { join } from 'node:path';
import { childEnvironment } from '@millrace/platform/config';
import { startNodeProcess, type NodeProcess, type NodeProgram } from './node-process.js';
import { listenAgain } from './kept-ports.js';
import { onThisMachine } from './reachable-address.js';
import type { Installation } from './installation.js';
import type { Stores } from './open-stores.js';
import { apiEnvironment, runnerEnvironment, schedulerEnvironment } from './process-environments.js';

/** Addresses of the processes, as this machine reaches them. */
export interface Addresses {
  /** Of the HTTP API. */
  baseUrl: string;
  /** host:port of the Fleet service. */
  schedulerUrl: string;
}

type ModelListener = NonNullable<NodeProgram['onModel']>;
type Environment = Parameters<typeof childEnvironment>[0];

/** Several of them share this machine, and all of them end within 10 s. Who watches their health knows the first port. */
function supervised(former: NodeProcess | undefined): Environment {
  return { MILLRACE_HEALTH_LISTEN: former?.healthAddress ?? '127.0.0.1:0', MILLRACE_STOP_GRACE_MS: '3000' };
}

/** Starts api and scheduler together, then the runner, which needs the scheduler. */
export async function startProcesses(
  installation: Installation,
  stores: Stores,
  onModel: ModelListener,
): Promise<Addresses> {
  const api = startApi(installation, stores);
  const scheduler = startScheduler(installation, stores, onModel).then(async (schedulerUrl) => {
    await startRunner(installation, schedulerUrl, onModel);
    return schedulerUrl;
  });
  const [baseUrl, schedulerUrl] = await Promise.all([api, scheduler]);
  return { baseUrl, schedulerUrl };
}

async function startApi(installation: Installation, stores: Stores): Promise<string> {
  const { settings } = installation;
  const environmentAfter = (former: NodeProcess | undefined): Environment => ({
    ...apiEnvironment(installation, stores),
    // Callers know the address of the first start, also where port 0 let the system choose.
    PORT: former?.address === undefined ? String(settings.port) : new URL(former.address).port,
  });
  const { address } = await keepRunning(installation, { name: 'api', environmentAfter });
  if (address === undefined) throw new Error('The api did not tell its address.');
  return onThisMachine(address);
}

async function startScheduler(installation: Installation, stores: Stores, onModel: ModelListener): Promise<string> {
  const { settings, keptPorts } = installation;
  const listen = await listenAgain(settings.fleetListen, keptPorts.fleet);
  const environmentAfter = (former: NodeProcess | undefined): Environment => ({
    ...schedulerEnvironment(installation, stores),
    // Runners know the address of the first start.
    MILLRACE_FLEET_LISTEN: former?.address ?? listen,
  });
  const { address } = await keepRunning(installation, { name: 'scheduler', environmentAfter, onModel });
  if (address === undefined) throw new Error('The scheduler did not tell its address.');
  return onThisMachine(address);
}

async function startRunner(installation: Installation, schedulerUrl: string, onModel: ModelListener): Promise<void> {
  const environment: Environment = {
    DATABASE_URL: undefined,
    REDIS_URL: undefined,
    MILLRACE_RUNNER_REDIS_URL: undefined,
    MILLRACE_KEY_PEPPER: undefined,
    ...runnerEnvironment(installation, schedulerUrl),
    MILLRACE_RUNNER_NAME: installation.settings.runnerName,
  };
  await keepRunning(installation, { name: 'runner', environmentAfter: () => environment, onModel });
}

interface KeptProcess {
  name: 'api' | 'scheduler' | 'runner';
  /** Its settings, also for a start after the `former` one died. */
  environmentAfter: (former: NodeProcess | undefined) => Environment;
  onModel?: ModelListener;
}

function keepRunning(installation: Installation, kept: KeptProcess): Promise<NodeProcess> {
  const { name, environmentAfter, ...listener } = kept;
  const { checkout, logs, parts } = installation;
  const program = join(checkout, 'dist', 'apps', name, 'src', 'main.js');
  const fixed = { name, program, log: logs.writer(name), logPath: logs.pathOf(name), ...listener };
  return parts.start(name, (former: NodeProcess | undefined, signal) =>
    startNodeProcess(
      { ...fixed, environment: childEnvironment({ ...supervised(former), ...environmentAfter(former) }) },
      signal,
    ),
  );
}
