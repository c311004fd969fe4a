import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readProcessSettings } from '@millrace/platform/config';
import { ClientError, wrongUsage } from '../client-error.js';
import type { ConnectionSource } from './connection.js';
import { currentProfile, namedProfile, profilesPath, readProfiles } from './profile-file.js';

/** What the command line says of the connection. */
export interface ConnectionOptions {
  url?: string;
  key?: string;
  keyStdin?: boolean;
  profile?: string;
}

/** What else can be asked. */
export interface ConnectionSurroundings {
  /** The folder of this millrace, whose own installation is the last resort. */
  checkout: string;
  environment: NodeJS.ProcessEnv | undefined;
  readInput: () => Promise<string>;
}

/** All places that may say where to connect, the strongest first: what is typed, the environment, files. */
export function connectionSources(
  options: ConnectionOptions,
  { checkout, environment, readInput }: ConnectionSurroundings,
): ConnectionSource[] {
  const settings = readProcessSettings('client', environment);
  const { MILLRACE_URL: url, MILLRACE_KEY: key, MILLRACE_PROFILE: profile } = settings;
  const path = profilesPath(settings.XDG_CONFIG_HOME);
  return [
    typed(options, readInput),
    ...(options.profile === undefined ? [] : [profileSource(path, options.profile)]),
    { urlFrom: 'MILLRACE_URL', keyFrom: 'MILLRACE_KEY', read: () => Promise.resolve({ url, key }) },
    profileSource(path, profile),
    devSource(settings.MILLRACE_HOME ?? join(checkout, '.millrace')),
  ];
}

function typed({ url, key, keyStdin = false }: ConnectionOptions, readInput: () => Promise<string>): ConnectionSource {
  if (key !== undefined && keyStdin) throw wrongUsage('Give the key once: --key or --key-stdin.');
  return {
    urlFrom: '--url',
    keyFrom: keyStdin ? 'standard input' : '--key',
    read: async () => ({ url, key: keyStdin ? await readInput() : key }),
  };
}

/** A profile by its name; without one, that of `profiles use`, if any. */
function profileSource(path: string, name: string | undefined): ConnectionSource {
  const words = name === undefined ? 'the profile in use' : `the profile ${name}`;
  return {
    urlFrom: words,
    keyFrom: words,
    read: async () => {
      const file = await readProfiles(path);
      return (name === undefined ? currentProfile(file) : namedProfile(file, name)) ?? {};
    },
  };
}

/** What `npm start` wrote for programs on this machine: its address and the operator key. */
function devSource(home: string): ConnectionSource {
  const path = join(home, 'dev.json');
  return {
    urlFrom: path,
    keyFrom: `${path} (operator)`,
    read: async () => {
      const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw new ClientError(`${path} cannot be read (${error.code ?? 'unknown'}): run as the user of that millrace.`);
      });
      return text === undefined ? {} : parseDev(text, path);
    },
  };
}

function parseDev(text: string, path: string): { url?: string; key?: string } {
  try {
    const { baseUrl, operatorKey } = JSON.parse(text) as { baseUrl?: string; operatorKey?: string };
    return { ...(baseUrl !== undefined && { url: baseUrl }), ...(operatorKey !== undefined && { key: operatorKey }) };
  } catch {
    throw new ClientError(`${path} is damaged: start millrace in that home again.`);
  }
}
