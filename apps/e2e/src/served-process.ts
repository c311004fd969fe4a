import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { CHECKOUT, plainEnvironment } from './run-millrace.js';

/** A process that `./millrace serve` runs beside `npm start`. */
export interface ServedProcess {
  readonly pid: number;
  /** Base URL of its /livez, /readyz and /metrics. */
  readonly url: string;
  /** Asks it to stop and resolves with its exit code. */
  stop(): Promise<number | null>;
  /** Ends it at once, for the end of a test that has failed. */
  kill(): void;
}

/** Log fields that say where it serves. */
const PLACES = { api: /"baseUrl":"([^"]+)"/, runner: /"healthAddress":"([^"]+)"/ };

/** Starts a process with what the home tells it, and resolves when it listens. Throws with its output otherwise. */
export async function serveBeside(
  home: string,
  name: keyof typeof PLACES,
  environment: Record<string, string> = {},
): Promise<ServedProcess> {
  const child = spawn(join(CHECKOUT, 'millrace'), ['serve', name], {
    cwd: CHECKOUT,
    env: plainEnvironment({ MILLRACE_HOME: home, PORT: '0', ...environment }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const hear = (data: Buffer) => (output += data.toString());
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const gone = ended.then(() => 'ended' as const);
  let place = PLACES[name].exec(output)?.[1];
  while (place === undefined) {
    if ((await Promise.race([once(child.stdout, 'data'), gone])) === 'ended') throw new Error(`${name}: ${output}`);
    place = PLACES[name].exec(output)?.[1];
  }
  const stop = () => {
    child.kill('SIGTERM');
    return ended;
  };
  const url = place.startsWith('http') ? place : `http://${place}`;
  return { pid: child.pid ?? 0, url, stop, kill: () => child.kill('SIGKILL') };
}

/** The sum of a metric over those of its lines that hold all of the labels, written as Prometheus does. */
export async function readMetric(url: string, name: string, ...labels: string[]): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return lines
    .filter((line) => labels.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
