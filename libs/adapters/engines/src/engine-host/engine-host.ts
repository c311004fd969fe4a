import type { Socket } from 'node:net';
import { isAlive } from '@millrace/platform/process-identity';
import { EngineError } from '../engine-driver.js';
import type { ReplicaSettings } from '../engine-driver.js';
import type { HostCommand, HostMessage, LoadedReplica } from './host-protocol.js';
import type { HostedEngine } from './hosted-engine.js';
import { HostRegistration } from './host-registration.js';
import { HostSession } from './host-session.js';
import { MessageSocket } from './message-socket.js';

type Connection = MessageSocket<HostCommand[], HostMessage>;
type AdoptCommand = Extract<HostCommand, { type: 'adopt' }>;
interface Candidate {
  connection: Connection;
  runnerPid: number;
}

/** How often a host without a runner looks whether its supervisor still lives. */
const SUPERVISOR_LOOK_MS = 1000;

/**
 * The process of an engine. It obeys one process of its runner at a time; when that one is gone its answers are
 * cancelled, and the weights are kept for the next one for a while. Owns who that is.
 */
export class EngineHost {
  private isOwned = true;
  private loaded: LoadedReplica | undefined;
  /** Set once the replica is loaded and to be kept. */
  private registration: HostRegistration | undefined;
  /** Processes that want this host as soon as it is free, in the order in which they came. */
  private readonly candidates = new Set<Candidate>();
  private stopWaiting: () => void = () => undefined;

  constructor(private readonly engine: HostedEngine) {}

  /** Obeys the process that has started this one. */
  begin(socket: Socket): void {
    this.serve(new MessageSocket(socket));
  }

  private serve(connection: Connection): void {
    const session = new HostSession(this.engine, (message) => connection.send(message));
    connection.onMessage((commands) => {
      for (const command of commands) {
        if ('id' in command) session.obey(command);
        else this.obey(command, connection);
      }
    });
    void connection.closed.then(() => {
      session.cancelAll();
      this.loseRunner();
    });
  }

  private obey(command: Exclude<HostCommand, { id: number }>, connection: Connection): void {
    switch (command.type) {
      case 'load':
        void this.answerOrRefuse(connection, async () => this.load(command, connection));
        return;
      case 'estimate':
        void this.answerOrRefuse(connection, async () => {
          return { type: 'estimated', footprint: await this.engine.estimate(command.settings) };
        });
        return;
      case 'end-with-runner':
        this.forget();
        return;
      case 'end':
        this.end();
        return;
      case 'adopt':
        // It has been adopted already.
        return;
    }
  }

  private async load(
    { engine, settings }: Extract<HostCommand, { type: 'load' }>,
    connection: Connection,
  ): Promise<HostMessage> {
    const onProgress = (progress: number): void => connection.send({ type: 'load-progress', progress });
    const replica = await this.engine.load(settings, onProgress);
    const notKept = await this.keep(engine, settings);
    this.loaded = { ...replica, ...(notKept !== undefined && { notKept }) };
    return { type: 'loaded', replica: this.loaded };
  }

  /** Lets the next process of the runner find this one, if it is to; returns why that is not possible. */
  private async keep(engine: string, { keep, artifactPath }: ReplicaSettings): Promise<string | undefined> {
    if (keep === undefined) return undefined;
    try {
      const registered = { keep, engine, artifactPath, runnerPid: process.ppid };
      this.registration = await HostRegistration.open(registered, (socket) => this.receive(socket));
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  private async answerOrRefuse(connection: Connection, work: () => Promise<HostMessage>): Promise<void> {
    try {
      connection.send(await work());
    } catch (error) {
      const message =
        error instanceof EngineError ? error.message : this.engine.reason(error, 'could not load the model');
      connection.send({ type: 'refused', message });
    }
  }

  /** Somebody has connected, who has to know the token to be heard. */
  private receive(socket: Socket): void {
    const connection: Connection = new MessageSocket(socket);
    connection.onMessage(([command]) => {
      if (command?.type === 'adopt' && this.registration?.isToken(command.token) === true) {
        this.consider(connection, command);
      } else {
        connection.close();
      }
    });
  }

  private consider(connection: Connection, { runnerPid }: AdoptCommand): void {
    const candidate = { connection, runnerPid };
    if (!this.isOwned) {
      this.grant(candidate);
      return;
    }
    this.candidates.add(candidate);
    void connection.closed.then(() => this.candidates.delete(candidate));
    connection.send({ type: 'busy' });
  }

  private grant({ connection, runnerPid }: Candidate): void {
    if (this.loaded === undefined) return;
    this.isOwned = true;
    this.stopWaiting();
    this.writeDown(runnerPid);
    this.serve(connection);
    connection.send({ type: 'adopted', replica: this.loaded });
  }

  private loseRunner(): void {
    this.isOwned = false;
    const [next] = this.candidates;
    if (this.registration === undefined) {
      this.end();
    } else if (next !== undefined) {
      this.candidates.delete(next);
      this.grant(next);
    } else {
      this.writeDown(undefined);
      this.wait(this.registration.patience);
    }
  }

  /** Ends this process when no runner comes, and at once when nobody is left who could start one. */
  private wait({ waitMs, supervisor }: HostRegistration['patience']): void {
    const end = (): void => this.end();
    const limit = setTimeout(end, waitMs);
    const look = async (): Promise<void> => {
      if (supervisor !== undefined && !(await isAlive(supervisor)) && !this.isOwned) end();
    };
    const looks = setInterval(() => void look(), SUPERVISOR_LOOK_MS);
    this.stopWaiting = () => {
      clearTimeout(limit);
      clearInterval(looks);
    };
    void look();
  }

  /** The file can be found without it, so a full disk costs nobody the weights. */
  private writeDown(runnerPid: number | undefined): void {
    try {
      this.registration?.write(runnerPid);
    } catch (error) {
      process.stderr.write(`The file of this engine process could not be written: ${String(error)}\n`);
    }
  }

  private forget(): void {
    this.registration?.remove();
    this.registration = undefined;
  }

  /** At once, also while another thread decodes: nothing here needs to be saved. */
  private end(): void {
    this.forget();
    process.kill(process.pid, 'SIGKILL');
  }
}
