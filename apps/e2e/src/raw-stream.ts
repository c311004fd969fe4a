import { connect, type Socket } from 'node:net';

/** A streamed chat completion over a bare connection, so that a test decides when anything is read. */
export interface RawStream {
  readonly socket: Socket;
  /** Bytes received so far. */
  receivedBytes(): number;
  /** The text of all deltas received so far. */
  text(): string;
  /** Resolves when `data: [DONE]` has arrived, with the milliseconds since the request; rejects when the connection ends before. */
  readonly done: Promise<number>;
}

export interface RawStreamWish {
  baseUrl: string;
  apiKey: string;
  body: object;
  /** Leaves everything unread; `socket.resume()` begins to read. */
  paused?: boolean;
}

/** Opens a connection and asks for a stream on it. */
export function openRawStream({ baseUrl, apiKey, body, paused = false }: RawStreamWish): RawStream {
  const { hostname, port } = new URL(baseUrl);
  const socket = connect(Number(port), hostname);
  const startedAtMs = performance.now();
  const chunks: Buffer[] = [];
  let bytes = 0;
  const done = new Promise<number>((resolve, reject) => {
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (chunk.includes('data: [DONE]')) resolve(performance.now() - startedAtMs);
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the connection has ended before [DONE]')));
  });
  // A test that closes a stream it never read does not ask how it ended.
  done.catch(() => undefined);
  if (paused) socket.pause();
  const text = JSON.stringify({ ...body, stream: true });
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: millrace\r\nauthorization: Bearer ${apiKey}\r\n` +
      `content-type: application/json\r\ncontent-length: ${String(Buffer.byteLength(text))}\r\n\r\n${text}`,
  );
  return { socket, done, receivedBytes: () => bytes, text: () => joinDeltas(Buffer.concat(chunks).toString('utf8')) };
}

/** The content of all chunks of a chunked event stream. */
function joinDeltas(received: string): string {
  return [...received.matchAll(/"delta":\{"content":("(?:[^"\\]|\\.)*")/g)]
    .map(([, quoted]) => JSON.parse(quoted ?? '""') as string)
    .join('');
}
