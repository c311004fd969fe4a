import { credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { FleetServiceClient, type JoinRequest, type JoinResponse } from '@millrace/contracts/runner-protocol';
import type { Logger } from '@millrace/platform/observability';
import { Backoff } from './backoff.js';
import { channelOptions } from './channel-options.js';
import { FleetRefusedError, refusalOf } from './fleet-refused-error.js';
import { FleetStream, type SyncOptions } from './fleet-stream.js';

export interface FleetClientOptions {
  /** host:port of a scheduler process. */
  schedulerUrl: string;
  logger?: Logger;
  /** How long a runner waits for its name to come free. */
  namePatienceMs?: number;
}

export interface JoinedRunner {
  runnerId: string;
  /** The runner's own secret. */
  credential: string;
  redisUrl: string;
}

const JOIN_TIMEOUT_MS = 5_000;
/** A scheduler notices within 7 s that a machine is gone whose runner comes back. */
const NAME_PATIENCE_MS = 10_000;

/** A runner's side of Fleet. */
export class FleetClient {
  private readonly stub: FleetServiceClient;
  private readonly closing = new AbortController();
  private readonly streams = new Set<FleetStream>();

  constructor(private readonly options: FleetClientOptions) {
    this.stub = new FleetServiceClient(options.schedulerUrl, credentials.createInsecure(), channelOptions);
  }

  /**
   * Exchanges a join token for the runner's own credential. Waits for as long as no scheduler answers.
   * Throws FleetRefusedError when the token is refused or another runner keeps the name, and an Error when the client
   * is closed meanwhile.
   */
  async join(runner: {
    joinToken: string;
    runnerName: string;
    labels: Readonly<Record<string, string>>;
  }): Promise<JoinedRunner> {
    const backoff = new Backoff();
    const giveUpAtMs = performance.now() + (this.options.namePatienceMs ?? NAME_PATIENCE_MS);
    for (;;) {
      const answer = await this.tryJoin({ ...runner, labels: { ...runner.labels } });
      if ('runnerId' in answer) return answer;
      const refusal = refusalOf(answer);
      if (refusal !== undefined) throw refusal;
      if (answer.code === status.ALREADY_EXISTS && performance.now() >= giveUpAtMs) {
        throw new FleetRefusedError(answer.details, { cause: answer });
      }
      this.options.logger?.info({ schedulerUrl: this.options.schedulerUrl, reason: answer.details }, 'waiting to join');
      await this.pause(backoff.nextMs());
    }
  }

  /** Opens the runner's stream and keeps it open: it reconnects until it is closed or refused. */
  sync(options: SyncOptions): FleetStream {
    const stream = new FleetStream(this.stub, options, this.options.logger);
    this.streams.add(stream);
    return stream;
  }

  /** Ends streams, waits and the connection. */
  close(): void {
    this.closing.abort(new Error('The connection to the scheduler was closed.'));
    for (const stream of this.streams) stream.close();
    this.stub.close();
  }

  private tryJoin(request: JoinRequest): Promise<JoinResponse | ServiceError> {
    return new Promise((resolve) => {
      const deadline = Date.now() + JOIN_TIMEOUT_MS;
      this.stub.join(request, new Metadata(), { deadline }, (error, response) => {
        resolve(error ?? response);
      });
    });
  }

  private async pause(milliseconds: number): Promise<void> {
    const { signal } = this.closing;
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const abort = () => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', abort);
        resolve();
      }, milliseconds);
      signal.addEventListener('abort', abort, { once: true });
    });
  }
}
