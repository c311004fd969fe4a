import { Metadata, Server, ServerCredentials, status, type ServerDuplexStream } from '@grpc/grpc-js';
import {
  TokenStreamServiceService,
  type LinkRequest,
  type LinkResponse,
  type OwnerEvent,
  type RunnerEvent,
} from '@millrace/contracts/runner-protocol';
import { BatchedWriter } from './batched-writer.js';
import { BeatMonitor } from './beat-monitor.js';
import { channelOptions } from './channel-options.js';

/** One runner's stream, as the owner sees it. */
export interface OwnerLink {
  /** Unique in this process; a runner that reconnects gets a new one. */
  readonly id: string;
  readonly runnerId: string;
  send(event: NonNullable<OwnerEvent['event']>): void;
  /** Ends the link for good: the runner's credential holds no more. */
  revoke(): void;
}

export interface OwnerLinkHandlers {
  onEvent(event: NonNullable<RunnerEvent['event']>): void;
  /** Called once, when nothing more can come. */
  onLost(): void;
}

export interface TokenStreamOptions {
  /** host:port; port 0 picks one. */
  listen: string;
  owner: string;
  /** The runner behind a credential, or undefined when nobody has it. */
  authenticate: (credential: string) => Promise<{ runnerId: string } | undefined>;
  onLink: (link: OwnerLink) => OwnerLinkHandlers;
  onError: (error: Error) => void;
}

export interface TokenStreamServer {
  readonly port: number;
  /** Ends all links; runners then abort the jobs of this owner. */
  close(): void;
}

type LinkStream = ServerDuplexStream<LinkRequest, LinkResponse>;

/** Serves TokenStream for runners. Rejects when the address cannot be listened on. */
export async function serveTokenStream(options: TokenStreamOptions): Promise<TokenStreamServer> {
  const server = new Server(channelOptions);
  let linkCount = 0;
  server.addService(TokenStreamServiceService, {
    link: (stream: LinkStream) => {
      linkCount += 1;
      const id = `link-${String(linkCount)}`;
      // An unhandled stream error would end the process; the loss itself is told by `close`.
      stream.on('error', options.onError);
      acceptLink(stream, id, options).catch((error: unknown) => {
        options.onError(error instanceof Error ? error : new Error(String(error)));
        refuse(stream, status.UNAVAILABLE, 'The credential cannot be checked now.');
      });
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(options.listen, ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  return {
    port,
    close: () => {
      server.forceShutdown();
    },
  };
}

async function acceptLink(stream: LinkStream, id: string, options: TokenStreamOptions): Promise<void> {
  const header = stream.metadata.get('authorization')[0]?.toString() ?? '';
  const runner = await options.authenticate(header.replace(/^Bearer /, ''));
  if (stream.cancelled) return;
  if (runner === undefined) {
    refuse(stream, status.UNAUTHENTICATED, 'The runner credential is not known: join again with a join token.');
    return;
  }
  carryLink(stream, { id, runnerId: runner.runnerId }, options);
}

function carryLink(stream: LinkStream, identity: { id: string; runnerId: string }, options: TokenStreamOptions): void {
  const writer = new BatchedWriter<OwnerEvent>(stream, ({ event }) => event?.$case === 'assign');
  const send = (event: NonNullable<OwnerEvent['event']>): void => {
    writer.send({ event });
  };
  const revoke = (): void => {
    refuse(stream, status.UNAUTHENTICATED, 'The runner was removed: its credential holds no more.');
    lose();
  };
  const handlers = options.onLink({ ...identity, send, revoke });
  const beats = new BeatMonitor(
    () => {
      send({ $case: 'beat', value: {} });
    },
    () => {
      refuse(stream, status.DEADLINE_EXCEEDED, 'The runner has stopped beating.');
      lose();
    },
  );
  let lost = false;
  const lose = (): void => {
    if (lost) return;
    lost = true;
    beats.stop();
    handlers.onLost();
  };
  stream.on('data', (message: LinkRequest) => {
    beats.heard();
    for (const { event } of message.events) {
      if (event !== undefined && event.$case !== 'beat' && !lost) handlers.onEvent(event);
    }
  });
  stream.on('end', () => {
    lose();
    stream.end();
  });
  stream.on('cancelled', lose);
  stream.on('close', lose);
  send({ $case: 'welcome', value: { owner: options.owner } });
}

function refuse(stream: LinkStream, code: status, details: string): void {
  stream.emit('error', { code, details, metadata: new Metadata() });
}
