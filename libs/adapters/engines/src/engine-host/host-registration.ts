import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { identifyProcess } from '@millrace/platform/process-identity';
import type { KeepReplica } from '../engine-driver.js';
import { HOST_PROTOCOL } from './host-protocol.js';
import { forgetEngine, recordOf, socketOf } from './kept-engines.js';
import type { KeptEngine } from './kept-engines.js';

/** What the next process of the runner is to find. */
export interface Registered {
  keep: KeepReplica;
  engine: string;
  artifactPath: string;
  /** The process that the host belongs to. */
  runnerPid: number;
}

/** This process as it can be found by the next process of its runner. Owns its file and its socket. */
export class HostRegistration {
  private constructor(
    private readonly kept: KeptEngine,
    /** How long to wait for the next process, and whose end makes that needless. */
    readonly patience: Pick<KeepReplica, 'waitMs' | 'supervisor'>,
  ) {}

  /** Listens and writes the file. Throws when one of them is not possible. */
  static async open(
    { keep, engine, artifactPath, runnerPid }: Registered,
    onConnection: (socket: Socket) => void,
  ): Promise<HostRegistration> {
    const { folder, runnerId, replicaId, epoch, generation, assignment } = keep;
    const registration = new HostRegistration(
      {
        ...(await identifyProcess(process.pid)),
        protocol: HOST_PROTOCOL,
        token: randomBytes(32).toString('base64url'),
        ...{ folder, runnerId, replicaId, epoch, generation, engine, artifactPath, assignment },
      },
      keep,
    );
    await registration.listen(onConnection);
    registration.write(runnerPid);
    return registration;
  }

  /** Writes down which process the host belongs to; undefined while it waits for one. */
  write(runnerPid: number | undefined): void {
    const file = recordOf(this.kept);
    const next = `${file}.next`;
    writeFileSync(next, JSON.stringify({ ...this.kept, runnerPid }), { mode: 0o600 });
    renameSync(next, file);
  }

  isToken(offered: string): boolean {
    const [expected, given] = [Buffer.from(this.kept.token), Buffer.from(offered)];
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  remove(): void {
    forgetEngine(this.kept);
  }

  private async listen(onConnection: (socket: Socket) => void): Promise<void> {
    const path = socketOf(this.kept);
    // Left by a process that had the same pid.
    rmSync(path, { force: true });
    const server = createServer(onConnection).listen(path);
    await once(server, 'listening');
    chmodSync(path, 0o600);
  }
}
