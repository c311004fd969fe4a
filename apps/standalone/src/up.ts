import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServeFile } from '@millrace/platform/config';
import type { DevFileContent } from './dev-file-content.js';
import { completeOnce } from './first-completion.js';
import { lockHome } from './home-lock.js';
import { HomeFile } from './home-file.js';
import { claimVersion, homeAt, prepareHome, type Home } from './home.js';
import { portsToKeep, readKeptPorts, type KeptPorts } from './kept-ports.js';
import { InstallationLogs } from './log-files.js';
import { openStores, type Stores } from './open-stores.js';
import { Parts } from './parts.js';
import { serveFileOf } from './process-environments.js';
import { readyText } from './ready-text.js';
import { ReplicaWatch } from './replica-watch.js';
import { requireFreePort } from './require-free-port.js';
import { ensureSecrets } from './secrets.js';
import { migrateAndSeed } from './seed.js';
import { starterModel } from './served-model.js';
import { startProcesses, type Addresses } from './start-processes.js';
import type { Terminal } from './terminal.js';
import { readUpSettings } from './up-settings.js';
import type { Installation } from './installation.js';
import type { ShutDown } from './shut-down.js';

/**
 * Starts everything on this machine and returns once it serves; parts that die are started again.
 * `shutDown` learns what to undo, step by step. Throws with one plain sentence when it cannot start.
 */
export async function up(checkout: string, terminal: Terminal, shutDown: ShutDown): Promise<void> {
  // 1. Refuse what cannot work, before anything is started.
  const settings = readUpSettings(checkout);
  const model = await starterModel(settings.model, checkout);
  const home = homeAt(settings.homeFolder);
  await prepareHome(home);
  shutDown.add(await lockHome(home));
  const { parts, devFile, serveFile, portsFile, describe } = superviseIn(home, terminal);
  await Promise.all([devFile.remove(), serveFile.remove()]);
  await requireFreePort(settings.port, settings.host);

  // 2. Make the home this version's.
  const version = await versionOf(checkout);
  await claimVersion(home, version);
  const known = await ensureSecrets(home);
  const keptPorts = await readKeptPorts(home.portsFile);
  terminal.step(`millrace ${version}, home ${home.folder}`);

  // 3. Stores.
  const logs = new InstallationLogs(home, (message) => terminal.step(message));
  shutDown.add(() => logs.close());
  shutDown.add(
    () => parts.stop(),
    () => parts.kill(),
  );
  const downloads = join(checkout, 'node_modules', '.cache', 'millrace');
  const starting = { checkout, settings, model, home, secrets: known, keptPorts, parts, logs, terminal, downloads };
  const stores = await openStores(starting);
  terminal.step('Postgres and Redis answer');

  // 4. Schema, keys and the starter deployment.
  const { databaseUrl } = stores;
  const { engineOptions } = settings;
  const secrets = await migrateAndSeed({ databaseUrl, home, secrets: known, model, engineOptions });
  const installation = { ...starting, secrets };

  // 5. Processes.
  const replica = new ReplicaWatch(terminal, model.name);
  const addresses = await startProcesses(installation, stores, replica.hear);
  terminal.step('api, scheduler and runner run');

  // 6. One real answer.
  await replica.serving();
  terminal.step(await completeOnce({ baseUrl: addresses.baseUrl, apiKey: secrets.operatorKey, model: model.name }));

  // 7. Tell tools and people.
  await portsFile.write(portsToKeep(settings, { ...stores, ...addresses }));
  await serveFile.write(serveFileOf(installation, stores, addresses.schedulerUrl));
  await describe(() => devFile.write(devContent(installation, stores, addresses)));
  terminal.block(readyText({ ...addresses, ...secrets, model: model.name, logs: home.logs }));
}

/** The supervised parts, and dev.json that follows their pids once `describe` has been called. */
function superviseIn(home: Home, terminal: Terminal) {
  const onTrouble = (message: string) => terminal.step(message);
  const devFile = new HomeFile<DevFileContent>(home.devFile, onTrouble);
  const serveFile = new HomeFile<ServeFile>(home.serveFile, onTrouble);
  const portsFile = new HomeFile<KeptPorts>(home.portsFile, onTrouble);
  let writeDevFile = () => Promise.resolve();
  const parts = new Parts(
    (name, delayMs, reason) => terminal.step(`${name}: ${reason}; it starts again in ${String(delayMs / 1_000)} s`),
    () => void writeDevFile(),
  );
  const describe = (write: () => Promise<void>) => (writeDevFile = write)();
  return { parts, devFile, serveFile, portsFile, describe };
}

function devContent({ secrets, model, parts }: Installation, stores: Stores, addresses: Addresses) {
  const { operatorKey, apiKey, agentKey, joinToken } = secrets;
  const { databaseUrl, redisUrl } = stores;
  const pids = {
    supervisor: process.pid,
    api: parts.pidOf('api'),
    scheduler: parts.pidOf('scheduler'),
    runner: parts.pidOf('runner'),
    redis: parts.pidOf('redis'),
    postgres: parts.pidOf('postgres'),
  };
  const { baseUrl, schedulerUrl } = addresses;
  return {
    baseUrl,
    operatorKey,
    apiKey,
    agentKey,
    model: model.name,
    joinToken,
    schedulerUrl,
    redisUrl,
    databaseUrl,
    pids,
  };
}

async function versionOf(checkout: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8')) as { version: string };
  return version;
}
