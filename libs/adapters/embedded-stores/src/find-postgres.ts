import { access, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { embeddedPostgres } from './embedded-postgres.js';
import { runCommand } from './run-command.js';
import { StoreError } from './store-error.js';
import { commandPath, installLine } from './system-packages.js';

/** Older ones lack what the schema uses. */
const OLDEST_MAJOR = 13;
const SYSTEM_FOLDER = '/usr/lib/postgresql';

/** A folder with `postgres` and `initdb` of one version. */
export interface PostgresBinaries {
  folder: string;
  major: number;
  origin: 'system' | 'embedded';
}

/**
 * The Postgres to start: on PATH, else the newest below /usr/lib/postgresql, else the embedded one.
 * A data folder that exists already can only be opened by the version that made it.
 * Throws StoreError when there is none.
 */
export async function findPostgres(options: { cluster?: string } = {}): Promise<PostgresBinaries> {
  const wanted = await majorOfData(options.cluster);
  const seen: number[] = [];
  for await (const binaries of candidates()) {
    if (wanted === undefined || wanted === binaries.major) return binaries;
    seen.push(binaries.major);
  }
  throw new StoreError(wanted === undefined ? await noneFound() : otherVersion(options.cluster ?? '', wanted, seen));
}

/** Asks each place only when those before it did not serve. */
async function* candidates(): AsyncGenerator<PostgresBinaries> {
  for (const folder of await systemFolders()) {
    const major = await majorOfBinaries(folder);
    if (major !== undefined && major >= OLDEST_MAJOR) yield { folder, major, origin: 'system' };
  }
  const embedded = await embeddedPostgres();
  if (embedded === undefined) return;
  const major = await majorOfBinaries(embedded);
  if (major !== undefined) yield { folder: embedded, major, origin: 'embedded' };
}

async function systemFolders(): Promise<string[]> {
  const onPath = await commandPath('postgres');
  const versions = await readdir(SYSTEM_FOLDER).catch(() => []);
  const newestFirst = versions.sort((left, right) => Number(right) - Number(left));
  const installed = newestFirst.map((version) => join(SYSTEM_FOLDER, version, 'bin'));
  return [...new Set([...(onPath === undefined ? [] : [dirname(onPath)]), ...installed])];
}

/** The version, if the folder holds both programs and they run on this machine. */
async function majorOfBinaries(folder: string): Promise<number | undefined> {
  const hasInitdb = await access(join(folder, 'initdb')).then(
    () => true,
    () => false,
  );
  if (!hasInitdb) return undefined;
  const answer = await runCommand(join(folder, 'postgres'), ['--version'], { timeoutMs: 10_000 });
  const major = answer.ok ? /\(PostgreSQL\) (\d+)/.exec(answer.output)?.[1] : undefined;
  return major === undefined ? undefined : Number(major);
}

async function majorOfData(folder: string | undefined): Promise<number | undefined> {
  if (folder === undefined) return undefined;
  const version = await readFile(join(folder, 'PG_VERSION'), 'utf8').catch(() => undefined);
  return version === undefined ? undefined : Number.parseInt(version, 10);
}

async function noneFound(): Promise<string> {
  return (
    `No PostgreSQL for ${process.platform}-${process.arch}: ` +
    `install it (${await installLine('postgres')}), or set DATABASE_URL to one that runs.`
  );
}

function otherVersion(cluster: string, wanted: number, seen: readonly number[]): string {
  return (
    `The data in ${cluster} belongs to PostgreSQL ${String(wanted)}, and this machine has ` +
    `${seen.length === 0 ? 'none' : seen.join(' and ')}: install PostgreSQL ${String(wanted)}, ` +
    'or move MILLRACE_HOME away to begin anew.'
  );
}
