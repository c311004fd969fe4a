import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres, type RunningStore } from '@millrace/adapters/embedded-stores';
import { readProcessSettings } from '@millrace/platform/config';
import { eventually } from '../eventually.js';
import { askOnce } from './ask-once.js';
import { readCompose, reachedBy, type ComposeService } from './compose-file.js';
import { deployModel } from './deploy-model.js';
import { newEnv } from './documented-secrets.js';
import { buildImageFolder, type ImageFolder } from './image-folder.js';
import { PlainAddresses } from './plain-addresses.js';
import { PlainServices, type PlainService } from './plain-service.js';
import { redisEnvironment } from './redis-programs.js';

const LIMIT_MS = 180_000;
const ANSWER_WITHIN_MS = 60_000;
/** Behind its grace a process ends in any case. */
const LAST_STEPS_MS = 2_000;
const PROCESSES = ['api', 'scheduler', 'runner'] as const;

let folder: string;
let image: ImageFolder;
let addresses: PlainAddresses;
let machine: Record<string, string>;
let running: PlainServices;
let postgres: RunningStore;
let env: Record<string, string>;

/** A service of docker-compose.yml as this machine runs it. */
async function plain(name: string): Promise<PlainService & ComposeService> {
  const services = await readCompose(env);
  const service = services.get(name);
  if (service === undefined) throw new Error(`docker-compose.yml has no service ${name}.`);
  const reached = reachedBy(service, services.values());
  const here = (text: string) => placed(addresses.rewrite(text, reached));
  const plainService = {
    ...service,
    command: service.command.map(here),
    environment: Object.fromEntries(Object.entries(service.environment).map(([key, value]) => [key, here(value)])),
    healthcheck: service.healthcheck.map(here),
    cwd: image.path,
  };
  return { ...plainService, ...(service.healthcheck.length > 0 && { isReady: () => isHealthy(plainService) }) };
}

/** Mounted paths as this machine has them. */
function placed(text: string): string {
  return text.replace(/^\/(run\/secrets|tmp|var\/cache)(?=\/)/, (path) => join(folder, path));
}

async function isHealthy(
  service: Omit<PlainService, 'isReady'> & { healthcheck: readonly string[] },
): Promise<boolean> {
  const [form, ...words] = service.healthcheck;
  const command = form === 'CMD-SHELL' ? ['/bin/sh', '-c', ...words] : words;
  return (await running.run(service, command)).code === 0;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-compose-'));
  await mkdir(join(folder, 'run/secrets'), { recursive: true });
  image = await buildImageFolder();
  machine = await redisEnvironment();
  running = new PlainServices(machine);
  env = newEnv();
  addresses = await PlainAddresses.choose([...(await readCompose(env)).values()].flatMap(({ ports }) => ports));
}, LIMIT_MS);

afterAll(async () => {
  await running.end();
  await postgres.stop();
  await image.remove();
  await rm(folder, { recursive: true, force: true });
});

/** What the images of the stores bring with them: a Postgres with the user, and a Redis that keeps its data in /data. */
async function startStores(): Promise<void> {
  const { environment, isReady } = await plain('postgres');
  expect(environment['POSTGRES_USER']).toBe('millrace');
  expect(await isReady?.()).toBe(false);
  postgres = await startPostgres({
    folder: join(folder, 'postgres'),
    password: environment['POSTGRES_PASSWORD'] ?? '',
    port: addresses.portOf(5432),
    ephemeral: true,
  });
  expect(await isReady?.()).toBe(true);
  const redis = await plain('redis');
  const place = ['--port', String(addresses.portOf(6379)), '--dir', folder];
  await running.start({ ...redis, command: [...redis.command, ...place] });
}

describe('docker-compose.yml', () => {
  it('stops no process before its own grace is over, and takes none for healthy that does not run', async () => {
    env['MILLRACE_JOIN_TOKEN'] = 'mr-join-token';
    for (const name of PROCESSES) {
      const { environment, stopGraceMs, isReady } = await plain(name);
      const { MILLRACE_STOP_GRACE_MS } = readProcessSettings(name, environment);
      expect(stopGraceMs).toBeGreaterThanOrEqual(MILLRACE_STOP_GRACE_MS + LAST_STEPS_MS);
      expect(await isReady?.()).toBe(false);
    }
  });

  it(
    'goes from nothing to a first answer, with each of its commands, variables and healthchecks as it says',
    async () => {
      const filesOfImage = await image.files();
      const scheduler = await plain('scheduler');
      const acl = await running.run(scheduler, ['./millrace', 'redis-acl']);
      await writeFile(join(folder, 'run/secrets/redis-users'), acl.output);
      await startStores();
      expect(await running.run(await plain('migrate'))).toMatchObject({ code: 0 });
      const api = await plain('api');
      await Promise.all([running.start(api), running.start(scheduler)]);

      const bootstrapped = await running.run(api, ['./millrace', 'bootstrap', '--json']);
      const { operatorKey = '', joinToken = '' } = JSON.parse(bootstrapped.output.split('\n').at(-2) ?? '') as Record<
        string,
        string
      >;
      env['MILLRACE_JOIN_TOKEN'] = joinToken;
      await running.start(await plain('runner'));
      const baseUrl = api.environment['MILLRACE_URL'] ?? '';
      const artifact = join(image.path, 'models/millrace-tiny.gguf');
      await deployModel(baseUrl, { operatorKey, name: 'millrace-tiny', artifact, engine: 'llama-cpp' });
      const content = await eventually('an answer', ANSWER_WITHIN_MS, () =>
        askOnce(baseUrl, { key: operatorKey, model: 'millrace-tiny' }),
      );
      expect(content).toContain('Paris');

      for (const name of ['runner', 'api', 'scheduler']) expect(await running.stop(name)).toMatchObject({ code: 0 });
      expect(await image.files()).toEqual(filesOfImage);
    },
    LIMIT_MS,
  );
});
