import { status, type ServerDuplexStream } from '@grpc/grpc-js';
import type {
  ApiDirectory,
  Assignments,
  EstimateFootprint,
  Heartbeat,
  SyncRequest,
  SyncResponse,
} from '@millrace/contracts/runner-protocol';
import type { Logger } from '@millrace/platform/observability';
import type { ConnectedRunner, FleetHandlers, RunnerIdentity } from './fleet-server.js';
import { Inbox } from './inbox.js';
import { Outbox } from './outbox.js';

/** Names one wish for a runner. */
export type AssignmentsVersion = Pick<Assignments, 'epoch' | 'generation'>;

export interface SyncStreamOptions {
  identity: RunnerIdentity;
  handlers: FleetHandlers;
  logger: Logger;
  /** The runner's hello was recorded. */
  onReady: (stream: SyncStream) => void;
  onEnded: (stream: SyncStream) => void;
}

/** The scheduler's end of one runner's stream. Owns what was sent on it. */
export class SyncStream {
  private readonly outbox: Outbox<SyncResponse>;
  private readonly inbox = new Inbox<SyncRequest>((request) => this.receive(request));
  private connected: ConnectedRunner | undefined;
  private sentVersion = '';
  private ended = false;

  constructor(
    private readonly call: ServerDuplexStream<SyncRequest, SyncResponse>,
    private readonly options: SyncStreamOptions,
  ) {
    this.outbox = new Outbox(call);
    call.on('data', (request: SyncRequest) => {
      if (request.event?.$case === 'heartbeat') this.inbox.putNewest('heartbeat', request);
      else this.inbox.put(request);
    });
    call.on('error', (error: Error) => {
      options.logger.debug({ runnerId: this.runnerId, error: error.message }, 'stream of a runner broke');
      this.finish();
    });
    for (const event of ['end', 'close', 'cancelled'] as const) call.on(event, () => this.finish());
  }

  get runnerId(): string {
    return this.options.identity.runnerId;
  }

  get name(): string {
    return this.options.identity.name;
  }

  /** Nothing is made or sent when this version was sent on this stream before. */
  sendAssignments(version: AssignmentsVersion, make: () => Omit<Assignments, keyof AssignmentsVersion>): void {
    const text = `${String(version.epoch)}/${String(version.generation)}`;
    if (text === this.sentVersion) return;
    this.sentVersion = text;
    this.outbox.sendNewest('assignments', { event: { $case: 'assignments', value: { ...version, ...make() } } });
  }

  sendApiDirectory(directory: ApiDirectory): void {
    this.outbox.sendNewest('apiDirectory', { event: { $case: 'apiDirectory', value: directory } });
  }

  sendEstimateFootprint(request: EstimateFootprint): void {
    this.outbox.send({ event: { $case: 'estimateFootprint', value: request } });
  }

  /** Ends the stream; the runner comes back, here or to another scheduler process. */
  end(reason: string): void {
    this.endWith(status.UNAVAILABLE, reason);
  }

  /** Ends the stream for good: the runner is not to come back as it is. */
  revoke(): void {
    this.endWith(status.UNAUTHENTICATED, 'The runner was removed: its credential holds no more. Let it join again.');
  }

  /** Failures of a handler are the store's: the runner repeats its reports, so the stream goes on. */
  private async receive({ event }: SyncRequest): Promise<void> {
    if (this.ended || event === undefined) return;
    try {
      if (event.$case === 'hello') await this.receiveHello(event.value);
      else if (this.connected === undefined) this.end('The first event of a Sync stream must be hello.');
      else if (event.$case === 'heartbeat') await this.receiveHeartbeat(this.connected, event.value);
      else await this.options.handlers.onFootprintEstimate(this.connected, event.value);
    } catch (error) {
      this.options.logger.warn({ runnerId: this.runnerId, event: event.$case, err: error }, 'report was not recorded');
      if (event.$case === 'hello') this.end('The scheduler cannot record the runner now; try again.');
    }
  }

  private async receiveHello(hello: Parameters<FleetHandlers['onHello']>[1]): Promise<void> {
    const runner = { ...this.options.identity, bootId: hello.bootId };
    await this.options.handlers.onHello(runner, hello);
    if (this.ended) return;
    this.connected = runner;
    this.options.onReady(this);
  }

  /** The runner's place is taken for good: it is not to come back. */
  private async receiveHeartbeat(runner: ConnectedRunner, heartbeat: Heartbeat): Promise<void> {
    const outcome = await this.options.handlers.onHeartbeat(runner, heartbeat);
    if (outcome === 'recorded') return;
    const remedy = 'Give each runner a name of its own (MILLRACE_RUNNER_NAME).';
    this.endWith(status.UNAUTHENTICATED, `Another process has joined as runner "${this.name}". ${remedy}`);
  }

  private endWith(code: status, reason: string): void {
    if (this.ended) return;
    this.call.emit('error', Object.assign(new Error(reason), { code, details: reason }));
    this.finish();
  }

  private finish(): void {
    if (this.ended) return;
    this.ended = true;
    this.outbox.close();
    if (!this.call.writableEnded && !this.call.destroyed) this.call.end();
    this.options.onEnded(this);
  }
}
