import {
  Metadata,
  Server,
  ServerCredentials,
  status,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerUnaryCall,
} from '@grpc/grpc-js';
import {
  FleetServiceService,
  type ApiDirectory,
  type EstimateFootprint,
  type FleetServiceServer,
  type FootprintEstimate,
  type Heartbeat,
  type Hello,
  type JoinRequest,
  type JoinResponse,
  type SyncRequest,
  type SyncResponse,
} from '@millrace/contracts/runner-protocol';
import type { Logger } from '@millrace/platform/observability';
import { channelOptions } from './channel-options.js';
import { SyncStream } from './sync-stream.js';

export interface RunnerIdentity {
  runnerId: string;
  name: string;
}

/** A runner with a stream to this scheduler process. */
export interface ConnectedRunner extends RunnerIdentity {
  bootId: string;
}

/** `refused` and `taken` say why, in one sentence; a name that is taken may come free soon. */
export type JoinAnswer = JoinResponse | { refused: string } | { taken: string };

/** What happens with what runners say. Events of one stream come one at a time. */
export interface FleetHandlers {
  onHello(runner: ConnectedRunner, hello: Hello): Promise<void>;
  /** Of heartbeats that wait only the newest is handed over. `superseded`: another process has come as this runner. */
  onHeartbeat(runner: ConnectedRunner, heartbeat: Heartbeat): Promise<'recorded' | 'superseded'>;
  onFootprintEstimate(runner: ConnectedRunner, estimate: FootprintEstimate): Promise<void>;
  /** The runner is connected and can be sent to. */
  onConnected(runnerId: string): void;
  onDisconnected(runnerId: string): void;
}

export interface FleetServerOptions {
  /** host:port; port 0 picks one. */
  listen: string;
  authenticateJoin(request: JoinRequest, runner: { isConnected: boolean }): Promise<JoinAnswer>;
  /** Whose credential it is; undefined refuses it. */
  authenticateRunner(credential: string): Promise<RunnerIdentity | undefined>;
  handlers: FleetHandlers;
  logger: Logger;
}

const SHUTDOWN_GRACE_MS = 500;

/** Serves Fleet. Throws when it cannot listen. */
export async function serveFleet(options: FleetServerOptions): Promise<FleetServer> {
  const server = new Server(channelOptions);
  const fleet = new FleetServer(server, options);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(options.listen, ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(new Error(`Fleet cannot listen on ${options.listen}: ${error.message}.`, { cause: error }));
    });
  });
  fleet.address = `${options.listen.slice(0, options.listen.lastIndexOf(':'))}:${String(port)}`;
  return fleet;
}

/** The streams of the runners that chose this scheduler process. Owns them. */
export class FleetServer {
  /** host:port as bound. */
  address = '';
  private readonly streams = new Map<string, SyncStream>();
  private apiDirectory: ApiDirectory = { processes: [] };

  constructor(
    private readonly server: Server,
    private readonly options: FleetServerOptions,
  ) {
    const service: FleetServiceServer = {
      join: (call, callback) => void this.join(call, callback),
      sync: (call) => void this.sync(call),
    };
    server.addService(FleetServiceService, service);
  }

  runnerIds(): string[] {
    return [...this.streams.keys()];
  }

  /** Makes and sends nothing when the runner is not connected here, or has this version already. */
  sendAssignments(runnerId: string, ...wish: Parameters<SyncStream['sendAssignments']>): void {
    this.streams.get(runnerId)?.sendAssignments(...wish);
  }

  /** False when the runner is not connected here. */
  sendEstimateFootprint(runnerId: string, request: EstimateFootprint): boolean {
    this.streams.get(runnerId)?.sendEstimateFootprint(request);
    return this.streams.has(runnerId);
  }

  /** Ends the runner's stream for good: its credential holds no more. */
  revoke(runnerId: string): void {
    this.streams.get(runnerId)?.revoke();
  }

  /** Tells every runner, now and when it connects, where the API processes are. */
  setApiDirectory(directory: ApiDirectory): void {
    this.apiDirectory = directory;
    for (const stream of this.streams.values()) stream.sendApiDirectory(directory);
  }

  /** Ends every stream; runners reconnect elsewhere. */
  async close(): Promise<void> {
    for (const stream of [...this.streams.values()]) stream.end('The scheduler is stopping.');
    await new Promise<void>((resolve) => {
      const force = setTimeout(() => {
        this.server.forceShutdown();
        resolve();
      }, SHUTDOWN_GRACE_MS);
      this.server.tryShutdown(() => {
        clearTimeout(force);
        resolve();
      });
    });
  }

  private async join(call: ServerUnaryCall<JoinRequest, JoinResponse>, callback: sendUnaryData<JoinResponse>) {
    try {
      const isConnected = [...this.streams.values()].some(({ name }) => name === call.request.runnerName);
      const answer = await this.options.authenticateJoin(call.request, { isConnected });
      if ('refused' in answer) callback({ code: status.UNAUTHENTICATED, details: answer.refused });
      else if ('taken' in answer) callback({ code: status.ALREADY_EXISTS, details: answer.taken });
      else callback(null, answer);
    } catch (error) {
      this.options.logger.warn({ err: error }, 'join failed');
      callback({ code: status.UNAVAILABLE, details: 'The scheduler cannot answer now; try again.' });
    }
  }

  private async sync(call: ServerDuplexStream<SyncRequest, SyncResponse>): Promise<void> {
    // Until the stream has an owner, an error must still be heard, or it ends the process.
    const ignoreEarlyError = () => undefined;
    call.on('error', ignoreEarlyError);
    const identity = await this.authenticate(call);
    if (identity === undefined || call.cancelled) return;
    new SyncStream(call, {
      identity,
      handlers: this.options.handlers,
      logger: this.options.logger,
      onReady: (stream) => this.register(stream),
      onEnded: (stream) => this.unregister(stream),
    });
  }

  /** Ends the call itself when the credential is refused. */
  private async authenticate(call: ServerDuplexStream<SyncRequest, SyncResponse>): Promise<RunnerIdentity | undefined> {
    const fail = (code: status, details: string) => {
      call.emit('error', { code, details, metadata: new Metadata() });
    };
    const [header] = call.metadata.get('authorization');
    const credential = /^Bearer (.+)$/.exec(String(header ?? ''))?.[1];
    try {
      const identity = credential === undefined ? undefined : await this.options.authenticateRunner(credential);
      if (identity === undefined) {
        fail(status.UNAUTHENTICATED, "The runner's credential is not valid: let the runner join again.");
      }
      return identity;
    } catch (error) {
      this.options.logger.warn({ err: error }, 'credential of a runner could not be checked');
      fail(status.UNAVAILABLE, 'The scheduler cannot answer now; try again.');
      return undefined;
    }
  }

  /** A runner has one stream: its newest. */
  private register(stream: SyncStream): void {
    const older = this.streams.get(stream.runnerId);
    this.streams.set(stream.runnerId, stream);
    older?.end('The runner has opened another stream.');
    stream.sendApiDirectory(this.apiDirectory);
    this.options.handlers.onConnected(stream.runnerId);
  }

  private unregister(stream: SyncStream): void {
    if (this.streams.get(stream.runnerId) !== stream) return;
    this.streams.delete(stream.runnerId);
    this.options.handlers.onDisconnected(stream.runnerId);
  }
}
