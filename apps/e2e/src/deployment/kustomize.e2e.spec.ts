import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres, type RunningStore } from '@millrace/adapters/embedded-stores';
import { readProcessSettings } from '@millrace/platform/config';
import { eventually } from '../eventually.js';
import { query } from '../stored-rows.js';
import { askOnce } from './ask-once.js';
import { deployModel } from './deploy-model.js';
import { documentedSecrets, newEnv } from './documented-secrets.js';
import { buildImageFolder, type ImageFolder } from './image-folder.js';
import { environmentOf, readNamespace, type Namespace, type Probe } from './manifests.js';
import { PlainAddresses } from './plain-addresses.js';
import { PlainServices, type PlainService } from './plain-service.js';
import { redisEnvironment } from './redis-programs.js';

const LIMIT_MS = 180_000;
const ANSWER_WITHIN_MS = 60_000;
/** Behind its grace a process ends in any case. */
const LAST_STEPS_MS = 2_000;
const GPU = 'GPU-4bd42a4a-1a2b-9c6f-1f6f-0a9a7be5d3c1';

const namespace: Namespace = await readNamespace(['deploy/kustomize/base', 'deploy/kustomize/stores']);
const env = newEnv();
const secrets = await documentedSecrets(env);
let folder: string;
let image: ImageFolder;
let addresses: PlainAddresses;
let running: PlainServices;
let postgres: RunningStore | undefined;

function containerOf(name: string) {
  const container = namespace.containers.get(name);
  if (container === undefined) throw new Error(`The manifests have no container ${name}.`);
  return container;
}

/** A container as this machine runs it. */
function plain(name: string): PlainService {
  const container = containerOf(name);
  const { probes } = container;
  const here = (text: string) => placed(addresses.rewrite(text, namespace.reached));
  const environment = environmentOf(container, namespace, {
    secret: (secret, key) => secrets[secret]?.[key] ?? missing(`secret ${secret}/${key}`),
    field: (path) => ({ 'status.podIP': '127.0.0.1', 'metadata.name': `${name}-0` })[path] ?? missing(path),
  });
  return {
    name,
    command: container.command.map(here),
    environment: Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, here(value)])),
    cwd: image.path,
    isReady: async () => {
      const passed = await Promise.all(Object.values(probes).map((probe) => passes(probe, container.ports)));
      return passed.every(Boolean);
    },
  };
}

function missing(what: string): never {
  throw new Error(`There is no ${what}.`);
}

/** Mounted paths as this machine has them. */
function placed(text: string): string {
  return text.replace(/^\/(users|data|tmp|var\/cache)(?=\/|$)/, (path) => join(folder, path));
}

async function passes({ httpGet, tcpSocket }: Probe, ports: Readonly<Record<string, number>>): Promise<boolean> {
  const port = ports[httpGet?.port ?? tcpSocket?.port ?? ''] ?? missing('port of that name');
  const here = addresses.portOf(port);
  if (httpGet === undefined) return accepts(here);
  const answer = await fetch(`http://127.0.0.1:${String(here)}${httpGet.path}`).catch(() => undefined);
  return answer?.ok === true;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const connected = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return connected;
}

/** What the NVIDIA runtime mounts into a container that was given one GPU. */
async function giveGpu(): Promise<string> {
  const programs = join(folder, 'programs');
  await mkdir(programs);
  await writeFile(join(programs, 'nvidia-smi'), `#!/bin/sh\necho '${GPU}, NVIDIA H100 80GB HBM3, 81559, 81008'\n`);
  await chmod(join(programs, 'nvidia-smi'), 0o755);
  return programs;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-kustomize-'));
  for (const mounted of ['users', 'data', 'tmp', 'var/cache']) await mkdir(join(folder, mounted), { recursive: true });
  image = await buildImageFolder();
  const { PATH = '', ...machine } = await redisEnvironment();
  running = new PlainServices({ ...machine, PATH: `${await giveGpu()}:${PATH}` });
  addresses = await PlainAddresses.choose(
    [...namespace.containers.values()].flatMap(({ ports }) => Object.values(ports)),
  );
}, LIMIT_MS);

afterAll(async () => {
  await running.end();
  await postgres?.stop();
  await image.remove();
  await rm(folder, { recursive: true, force: true });
});

async function startStores(): Promise<void> {
  const { environment, isReady } = plain('millrace-postgres');
  expect(environment['POSTGRES_USER']).toBe('millrace');
  postgres = await startPostgres({
    folder: join(folder, 'postgres'),
    password: environment['POSTGRES_PASSWORD'] ?? '',
    port: addresses.portOf(5432),
    ephemeral: true,
  });
  expect(await isReady?.()).toBe(true);
  expect(await running.run(plain('millrace-redis-users'))).toMatchObject({ code: 0, output: '' });
  const redis = plain('millrace-redis');
  await running.start({ ...redis, command: [...redis.command, '--port', String(addresses.portOf(6379))] });
}

describe('deploy/kustomize', () => {
  it.each(['api', 'scheduler', 'runner'] as const)('leaves %s the time that it takes to stop', (name) => {
    const { preStop, terminationGraceMs } = containerOf(`millrace-${name}`);
    const { MILLRACE_STOP_GRACE_MS } = readProcessSettings(name, plain(`millrace-${name}`).environment);
    const sleepMs = preStop[0] === 'sleep' ? Number(preStop[1]) * 1_000 : 0;
    expect(terminationGraceMs).toBeGreaterThanOrEqual(sleepMs + MILLRACE_STOP_GRACE_MS + LAST_STEPS_MS);
  });

  it(
    'goes from nothing to an answer of a replica that is packed on the GPU the runner was given, by its UUID',
    async () => {
      await startStores();
      expect(await running.run(plain('millrace-migrate'))).toMatchObject({ code: 0 });
      const api = plain('millrace-api');
      await Promise.all([running.start(api), running.start(plain('millrace-scheduler'))]);
      const bootstrapped = await running.run(api, ['./millrace', 'bootstrap', '--json']);
      const { operatorKey = '', joinToken = '' } = JSON.parse(bootstrapped.output.split('\n').at(-2) ?? '') as Record<
        string,
        string
      >;
      secrets['millrace-runner'] = { MILLRACE_JOIN_TOKEN: joinToken };
      await running.start(plain('millrace-runner'));

      const databaseUrl = api.environment['DATABASE_URL'] ?? '';
      const baseUrl = api.environment['MILLRACE_URL'] ?? '';
      await deployModel(baseUrl, { operatorKey, name: 'demo', artifact: 'simulated:demo', engine: 'simulated' });
      const content = await eventually('an answer', ANSWER_WITHIN_MS, () =>
        askOnce(baseUrl, { key: operatorKey, model: 'demo' }),
      );
      expect(content).not.toBe('');
      expect(await query(databaseUrl, 'SELECT device_key FROM assignments')).toEqual([{ device_key: GPU }]);

      const processes = ['millrace-runner', 'millrace-api', 'millrace-scheduler'];
      for (const name of processes) expect(await running.stop(name)).toMatchObject({ code: 0 });
    },
    LIMIT_MS,
  );
});
