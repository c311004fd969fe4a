import { chown, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { choosePort } from './choose-port.js';
import { findPostgres, type PostgresBinaries } from './find-postgres.js';
import { exists, preparePlaces, type PostgresPlaces } from './postgres-places.js';
import { runCommand, type CommandUser } from './run-command.js';
import { startServer, type ServerCommand } from './server-process.js';
import { awaitFormerServer, recordServer } from './server-record.js';
import { messageOf, StoreError } from './store-error.js';
import type { RunningStore } from './running-store.js';

/** Name of the superuser and of the database. */
const NAME = 'millrace';

/** Small memory, a quick start, one machine. Durability stays as Postgres has it. */
const TUNING = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '32MB',
  max_connections: '100',
  max_parallel_workers_per_gather: '0',
  max_wal_size: '256MB',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  logging_collector: 'off',
  password_encryption: 'scram-sha-256',
};

/** A test's data is thrown away, so nothing waits for the disk. */
const EPHEMERAL_TUNING = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/** Nothing of the caller's environment (PGDATA, LC_MESSAGES, …) reaches the server. */
const ENVIRONMENT = { LC_ALL: 'C', TZ: 'UTC' };

export interface PostgresOptions {
  /** Holds the server's data; made when missing. */
  folder: string;
  /** Letters, digits, `-` and `_` only. */
  password: string;
  /** Left out: a free one. */
  port?: number;
  /** With no `port`: taken if it is free. */
  hopedPort?: number;
  /** Left out: what `findPostgres` finds. */
  binaries?: PostgresBinaries;
  /** For tests: gives up durability for speed and removes the data at `stop`. */
  ephemeral?: boolean;
  onOutput?: (text: string) => void;
}

/**
 * Starts a Postgres on 127.0.0.1 that ends with this process, with a database `millrace`.
 * Throws StoreError when the machine has none, or it does not start.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningStore> {
  const record = `${options.folder}.process`;
  await awaitFormerServer(record);
  const binaries = options.binaries ?? (await findPostgres({ cluster: join(options.folder, 'data') }));
  const places = await preparePlaces(options.folder, binaries);
  await initialise(places, options);
  await disownPidFile(places.cluster);
  const port = options.port ?? (await choosePort(options.hopedPort));
  const server = await startServer({ ...commandOf(places, port, options), onOutput: options.onOutput });
  await recordServer(record, server.pid);
  await ensureDatabase(port, options.password);
  const stop = async () => {
    await server.stop();
    if (options.ephemeral !== true) return;
    for (const path of [options.folder, places.folder, record]) await rm(path, { recursive: true, force: true });
  };
  return { ...server, stop, port, url: urlOf(port, options.password, NAME) };
}

function commandOf(places: PostgresPlaces, port: number, options: PostgresOptions): ServerCommand {
  const tuning = { ...TUNING, port: String(port), ...(options.ephemeral === true ? EPHEMERAL_TUNING : {}) };
  const parameters = Object.entries(tuning).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return {
    command: join(places.binFolder, 'postgres'),
    arguments: ['-D', places.cluster, ...parameters],
    stopSignal: 'INT',
    readyWhen: /database system is ready to accept connections/,
    cwd: places.cluster,
    env: ENVIRONMENT,
    user: places.user,
  };
}

/** Makes the cluster beside its place and renames it, so that a start cut off half-way leaves nothing that looks whole. */
async function initialise(places: PostgresPlaces, options: PostgresOptions): Promise<void> {
  const { cluster, folder, binFolder, user } = places;
  if (await exists(join(cluster, 'PG_VERSION'))) return;
  const fresh = join(folder, 'data.new');
  const passwordFile = join(folder, 'password.new');
  await rm(fresh, { recursive: true, force: true });
  await writePrivate(passwordFile, options.password, user);
  const flags = ['-U', NAME, '-E', 'UTF8', '--no-locale', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  const made = await runCommand(
    join(binFolder, 'initdb'),
    ['-D', fresh, ...flags, ...(options.ephemeral === true ? ['--no-sync'] : [])],
    { user, cwd: folder, env: ENVIRONMENT },
  );
  await rm(passwordFile, { force: true });
  if (!made.ok) throw new StoreError(`Postgres could not make its data in ${fresh}: ${made.reason}`);
  await rename(fresh, cluster);
}

async function writePrivate(path: string, text: string, user: CommandUser | undefined): Promise<void> {
  await rm(path, { force: true });
  await writeFile(path, text, { mode: 0o600, flag: 'wx' });
  if (user !== undefined) await chown(path, user.uid, user.gid);
}

/**
 * Lets Postgres see that the server of its pid file is gone, although that pid may be in use again by anything, as
 * after a crash of the machine. The file itself stays: by its other lines Postgres finds former backends that still
 * write. A pid file that names the parent of the new server counts as stale.
 */
async function disownPidFile(cluster: string): Promise<void> {
  const file = join(cluster, 'postmaster.pid');
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n');
  if (lines.length < 2) return;
  await writeFile(file, [String(process.pid), ...lines.slice(1)].join('\n'));
}

async function ensureDatabase(port: number, password: string): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf(port, password, 'postgres') });
  try {
    await client.connect();
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [NAME]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${NAME}`);
  } catch (error) {
    throw new StoreError(`The embedded Postgres refused its own user: ${messageOf(error)}`, { cause: error });
  } finally {
    await client.end();
  }
}

function urlOf(port: number, password: string, database: string): string {
  return `postgres://${NAME}:${password}@127.0.0.1:${String(port)}/${database}`;
}
