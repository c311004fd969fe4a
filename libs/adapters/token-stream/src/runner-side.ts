import { credentials, Metadata } from '@grpc/grpc-js';
import {
  TokenStreamServiceClient,
  type LinkResponse,
  type OwnerEvent,
  type RunnerEvent,
} from '@millrace/contracts/runner-protocol';
import { BatchedWriter } from './batched-writer.js';
import { BeatMonitor } from './beat-monitor.js';
import { channelOptions } from './channel-options.js';

export interface RunnerLinkHandlers {
  /** The owner has answered: claims may be sent. */
  onUp(owner: string): void;
  onEvent(event: NonNullable<OwnerEvent['event']>): void;
  /** Called once, also when the link never came up. The runner then aborts all jobs of this link. */
  onDown(reason: string): void;
}

/** One stream to one API process, as the runner sees it. */
export interface RunnerLink {
  send(event: NonNullable<RunnerEvent['event']>): void;
  /** Sends what is pending and ends the stream. */
  close(): void;
}

/** Dials an owner once. Reconnecting is the caller's: it knows whether the owner still exists. */
export function openLink(
  { address, credential }: { address: string; credential: string },
  handlers: RunnerLinkHandlers,
): RunnerLink {
  const client = new TokenStreamServiceClient(address, credentials.createInsecure(), channelOptions);
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${credential}`);
  const stream = client.link(metadata);
  const writer = new BatchedWriter<RunnerEvent>(stream);
  const beats = new BeatMonitor(
    () => {
      writer.send({ event: { $case: 'beat', value: {} } });
    },
    () => {
      goDown('the API process has stopped beating');
      stream.cancel();
    },
  );
  let down = false;
  const goDown = (reason: string): void => {
    if (down) return;
    down = true;
    beats.stop();
    handlers.onDown(reason);
    client.close();
  };
  stream.on('data', (message: LinkResponse) => {
    beats.heard();
    for (const { event } of message.events) {
      if (event === undefined || event.$case === 'beat' || down) continue;
      if (event.$case === 'welcome') handlers.onUp(event.value.owner);
      else handlers.onEvent(event);
    }
  });
  stream.on('error', (error: Error) => {
    goDown(error.message);
  });
  stream.on('end', () => {
    goDown('the API process has ended the link');
  });
  return {
    send: (event) => {
      if (!down) writer.send({ event });
    },
    close: () => {
      writer.flush();
      stream.end();
    },
  };
}
