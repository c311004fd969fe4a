import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { CHECKOUT } from '../run-millrace.js';
import { readImage } from './image.js';
import type { Reached } from './plain-addresses.js';

/** One service of docker-compose.yml with its variables filled in. */
export interface ComposeService {
  name: string;
  command: readonly string[];
  environment: Readonly<Record<string, string>>;
  /** As `test` says; empty when there is no healthcheck. */
  healthcheck: readonly string[];
  stopGraceMs: number;
  networks: readonly string[];
  ports: readonly number[];
}

interface RawService {
  build?: { target: string };
  command?: string[];
  environment: Record<string, string>;
  healthcheck?: { test: string[] };
  stop_grace_period?: string;
  networks: string[];
}

/** Ports of images that are not ours. */
const PORTS: Readonly<Record<string, number>> = { postgres: 5432, redis: 6379 };

/** Reads docker-compose.yml with the variables of an .env file, as `docker compose` would. */
export async function readCompose(env: Readonly<Record<string, string>>): Promise<Map<string, ComposeService>> {
  const text = await readFile(join(CHECKOUT, 'docker-compose.yml'), 'utf8');
  const { services } = parse(text, { merge: true }) as { services: Record<string, RawService> };
  const read = Object.entries(services).map(async ([name, raw]) => [name, await serviceOf(name, raw, env)] as const);
  return new Map(await Promise.all(read));
}

/** What a service can call: those that share a network with it, by their names. */
export function reachedBy({ networks }: ComposeService, services: Iterable<ComposeService>): Reached {
  const others = [...services].filter((other) => other.networks.some((network) => networks.includes(network)));
  return new Map(others.flatMap(({ name, ports }) => ports.map((port) => [`${name}:${String(port)}`, port])));
}

async function serviceOf(
  name: string,
  raw: RawService,
  env: Readonly<Record<string, string>>,
): Promise<ComposeService> {
  const image = raw.build === undefined ? undefined : await readImage(raw.build.target);
  const filled = Object.entries(raw.environment).map(([key, value]) => [key, fillIn(value, env)]);
  return {
    name,
    command: [...(image?.entrypoint ?? []), ...(raw.command ?? image?.command ?? [])],
    environment: { ...image?.environment, ...(Object.fromEntries(filled) as Record<string, string>) },
    healthcheck: raw.healthcheck?.test ?? [],
    stopGraceMs: Number(/^(\d+)s$/.exec(raw.stop_grace_period ?? '10s')?.[1]) * 1_000,
    networks: raw.networks,
    ports:
      name === 'migrate' ? [] : [...(image?.exposedPorts ?? []), ...(PORTS[name] === undefined ? [] : [PORTS[name]])],
  };
}

/** ${NAME}, ${NAME:-default} and ${NAME:?message}. */
function fillIn(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{[^}]*\}/g, (variable) => {
    const [, name = '', kind, rest = ''] = /^\$\{(\w+)(?::([-?])(.*))?\}$/.exec(variable) ?? [];
    const value = env[name] ?? '';
    if (value !== '') return value;
    if (kind === '-') return rest;
    throw new Error(`${name} is not set: ${rest}`);
  });
}
