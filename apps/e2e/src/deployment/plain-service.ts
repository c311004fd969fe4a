import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from '../eventually.js';

const READY_WITHIN_MS = 60_000;

/** A container's process, as it runs on this machine. */
export interface PlainService {
  name: string;
  /** The program and its words. */
  command: readonly string[];
  environment: Readonly<Record<string, string>>;
  cwd: string;
  /** Whether it is ready; left out for a service that ends by itself. */
  isReady?: () => Promise<boolean>;
}

export interface Ended {
  code: number | null;
  output: string;
}

/** The services of one test that run. Owns their processes. */
export class PlainServices {
  private readonly running = new Map<string, { child: ChildProcess; ended: Promise<Ended> }>();

  /** `machine` is what the containers' images have in their environment, PATH above all. */
  constructor(private readonly machine: Readonly<Record<string, string>>) {}

  /** Runs a service, or other words in its place, to its end. */
  async run(service: PlainService, command = service.command): Promise<Ended> {
    return this.spawn({ ...service, command }).ended;
  }

  /** Starts a service and waits until it is ready. */
  async start(service: PlainService): Promise<void> {
    const process = this.spawn(service);
    this.running.set(service.name, process);
    let end: Ended | undefined;
    void process.ended.then((ended) => (end = ended));
    await eventually(`${service.name} is ready`, READY_WITHIN_MS, async () => {
      if (end !== undefined) throw new Error(`${service.name} ended with ${String(end.code)}: ${end.output}`);
      return (await service.isReady?.()) === true ? true : undefined;
    });
  }

  /** Asks a service to stop. */
  async stop(name: string): Promise<Ended> {
    const process = this.running.get(name);
    if (process === undefined) throw new Error(`${name} does not run.`);
    process.child.kill('SIGTERM');
    return process.ended.finally(() => this.running.delete(name));
  }

  /** Ends what still runs, by force. */
  async end(): Promise<void> {
    for (const { child } of this.running.values()) child.kill('SIGKILL');
    await Promise.all([...this.running.values()].map(({ ended }) => ended));
  }

  private spawn({ command: [program = '', ...words], environment, cwd }: PlainService) {
    const child = spawn(program, words, {
      cwd,
      env: { ...this.machine, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const hear = (data: Buffer) => (output += data.toString());
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, output }));
    return { child, ended };
  }
}
