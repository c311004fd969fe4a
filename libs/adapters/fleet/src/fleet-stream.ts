import { Metadata, type ClientDuplexStream, type ServiceError } from '@grpc/grpc-js';
import type {
  ApiDirectory,
  Assignments,
  EstimateFootprint,
  FleetServiceClient,
  FootprintEstimate,
  Heartbeat,
  Hello,
  SyncRequest,
  SyncResponse,
} from '@millrace/contracts/runner-protocol';
import type { Logger } from '@millrace/platform/observability';
import { Backoff } from './backoff.js';
import type { FleetRefusedError } from './fleet-refused-error.js';
import { refusalOf } from './fleet-refused-error.js';
import { Outbox } from './outbox.js';

export interface SyncOptions {
  credential: string;
  /** Said at the start of every connection. */
  hello: Hello;
  onAssignments: (assignments: Assignments) => void;
  onApiDirectory: (directory: ApiDirectory) => void;
  onEstimateFootprint: (request: EstimateFootprint) => void;
  /** The credential is not accepted any more: the stream has ended for good, and the runner must join again. */
  onRefused?: (error: FleetRefusedError) => void;
}

type Call = ClientDuplexStream<SyncRequest, SyncResponse>;

/**
 * A runner's stream to the scheduler, over all its reconnections.
 * After each it says hello and repeats the newest heartbeat; estimates are sent once, and asked for again if lost.
 */
export class FleetStream {
  /** Resolves when the scheduler has answered for the first time; rejects with FleetRefusedError. */
  readonly whenUp: Promise<void>;
  private readonly backoff = new Backoff();
  private call: Call | undefined;
  private outbox: Outbox<SyncRequest> | undefined;
  private newestHeartbeat: Heartbeat | undefined;
  private retry: NodeJS.Timeout | undefined;
  private answered = false;
  private closed = false;
  private settleUp: { resolve: () => void; reject: (error: Error) => void } = {
    resolve: () => undefined,
    reject: () => undefined,
  };

  constructor(
    private readonly stub: FleetServiceClient,
    private readonly options: SyncOptions,
    private readonly logger: Logger | undefined,
  ) {
    this.whenUp = new Promise((resolve, reject) => {
      this.settleUp = { resolve, reject };
    });
    // Who does not wait for it hears of a refusal through onRefused.
    this.whenUp.catch(() => undefined);
    this.connect();
  }

  /** Whether the scheduler has answered on the connection that is open now. */
  get isUp(): boolean {
    return this.answered && !this.closed;
  }

  /** Of heartbeats that cannot be sent yet only the newest waits. */
  sendHeartbeat(heartbeat: Heartbeat): void {
    this.newestHeartbeat = heartbeat;
    this.outbox?.sendNewest('heartbeat', { event: { $case: 'heartbeat', value: heartbeat } });
  }

  /** Dropped while disconnected: the scheduler asks again. */
  sendEstimate(estimate: FootprintEstimate): void {
    this.outbox?.send({ event: { $case: 'footprintEstimate', value: estimate } });
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.retry);
    this.outbox?.close();
    this.call?.end();
    this.call?.cancel();
    this.settleUp.reject(new Error('The stream to the scheduler was closed.'));
  }

  private connect(): void {
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${this.options.credential}`);
    const call = this.stub.sync(metadata);
    const outbox = new Outbox<SyncRequest>(call);
    this.call = call;
    this.outbox = outbox;
    call.on('data', (response: SyncResponse) => this.receive(response));
    call.on('error', (error: ServiceError) => this.disconnected(call, error));
    call.on('end', () => this.disconnected(call, undefined));
    outbox.send({ event: { $case: 'hello', value: this.options.hello } });
    if (this.newestHeartbeat !== undefined) this.sendHeartbeat(this.newestHeartbeat);
  }

  private receive({ event }: SyncResponse): void {
    if (this.closed) return;
    this.answered = true;
    this.backoff.reset();
    this.settleUp.resolve();
    switch (event?.$case) {
      case 'assignments':
        return this.options.onAssignments(event.value);
      case 'apiDirectory':
        return this.options.onApiDirectory(event.value);
      case 'estimateFootprint':
        return this.options.onEstimateFootprint(event.value);
      case undefined:
        // A newer scheduler says something this runner does not know.
        return;
    }
  }

  /** Both `end` and `error` may tell of the same end. */
  private disconnected(call: Call, error: ServiceError | undefined): void {
    if (this.call !== call) return;
    this.call = undefined;
    this.answered = false;
    this.outbox?.close();
    this.outbox = undefined;
    if (this.closed) return;
    const refusal = error && refusalOf(error);
    if (refusal !== undefined) return this.refused(refusal);
    const waitMs = this.backoff.nextMs();
    this.logger?.info({ reason: error?.details ?? 'ended by the scheduler', waitMs }, 'reconnecting to the scheduler');
    this.retry = setTimeout(() => this.connect(), waitMs);
  }

  private refused(refusal: FleetRefusedError): void {
    this.closed = true;
    this.settleUp.reject(refusal);
    this.options.onRefused?.(refusal);
  }
}
