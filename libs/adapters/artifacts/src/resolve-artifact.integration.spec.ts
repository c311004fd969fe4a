import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { resolveArtifact } from './resolve-artifact.js';
import type { ResolveOptions } from './resolve-artifact.js';

const REFERENCE = 'hf:owner/repository/folder/model.gguf';
const CONTENT = Buffer.concat([Buffer.from('GGUF'), randomBytes(2_000_000)]);
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A hub with its file store on another host (127.0.0.1 and localhost), as the real one has. */
class Hub {
  readonly requests: { url: string; range: string | undefined; authorization: string | undefined }[] = [];
  readonly url: string;
  readonly storeUrl: string;
  private constructor(
    private readonly server: Server,
    private readonly answers: Record<string, Answer>,
  ) {
    const { port } = server.address() as AddressInfo;
    this.url = `http://127.0.0.1:${String(port)}`;
    this.storeUrl = `http://localhost:${String(port)}`;
    server.on('request', (request, response) => this.answer(request, response));
  }

  static async start(answers: Record<string, Answer> = {}): Promise<Hub> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, resolve));
    return new Hub(server, answers);
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const { range, authorization } = request.headers;
    const url = request.url ?? '';
    this.requests.push({ url, range, authorization });
    const answer = this.answers[url] ?? this.known[url] ?? plain(404, 'Entry not found');
    answer(request, response);
  }

  private readonly known: Record<string, Answer> = {
    '/owner/repository/resolve/main/folder/model.gguf': (_request, response) => {
      response.writeHead(302, {
        location: `${this.storeUrl}/store/model`,
        'x-linked-etag': `"${SHA256}"`,
        'x-linked-size': String(CONTENT.length),
      });
      response.end('Found');
    },
    '/store/model': sendContent(),
  };
}

function plain(status: number, text: string): Answer {
  return (_request, response) => void response.writeHead(status).end(text);
}

/** Sends the content from the asked byte; cuts the connection after some bytes if told. */
function sendContent(content = CONTENT, cutAfter = Infinity): Answer {
  return (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const rest = content.subarray(start);
    const headers = { etag: '"store"', 'content-length': String(rest.length) };
    const total = String(content.length);
    if (start > 0) {
      response.writeHead(206, {
        ...headers,
        'content-range': `bytes ${String(start)}-${String(content.length - 1)}/${total}`,
      });
    } else {
      response.writeHead(200, headers);
    }
    if (cutAfter >= rest.length) return void response.end(rest);
    response.write(rest.subarray(0, cutAfter), () => response.destroy());
  };
}

/** Compared as bytes: jest's own comparison of large buffers takes seconds. */
async function holdsContent({ path }: { path: string }): Promise<boolean> {
  return (await readFile(path)).equals(CONTENT);
}

describe('resolving an artifact', () => {
  let folder: string;
  let hub: Hub;

  const options = (more: Partial<ResolveOptions> = {}): ResolveOptions => ({
    cacheFolder: folder,
    hubUrl: hub.url,
    signal: new AbortController().signal,
    retryDelayMs: 1,
    ...more,
  });
  const startHub = async (answers?: Record<string, Answer>): Promise<void> => {
    hub.stop();
    hub = await Hub.start(answers);
  };
  const cachedFiles = async (path: string): Promise<string[]> => (await readdir(dirname(path))).sort();

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-artifacts-'));
    hub = await Hub.start();
  });
  afterEach(async () => {
    hub.stop();
    await rm(folder, { recursive: true });
  });

  it('finds a local file and refuses what is not there or not a model', async () => {
    const path = join(folder, 'a.gguf');
    await writeFile(path, CONTENT);
    expect(await resolveArtifact(path, options())).toEqual({ path, sizeBytes: CONTENT.length });
    await expect(resolveArtifact(join(folder, 'b.gguf'), options())).rejects.toMatchObject({ code: 'not_found' });
    await expect(resolveArtifact(folder, options())).rejects.toMatchObject({ code: 'not_a_model' });
    await writeFile(path, 'version https://git-lfs.github.com/spec/v1');
    await expect(resolveArtifact(path, options())).rejects.toMatchObject({ code: 'not_a_model' });
  });

  it('downloads from the hub through its redirect, checks the digest and reports progress', async () => {
    const seen: number[] = [];
    const artifact = await resolveArtifact(
      REFERENCE,
      options({ onProgress: ({ receivedBytes, totalBytes }) => seen.push(receivedBytes / (totalBytes ?? 0)) }),
    );
    expect(artifact).toMatchObject({ sizeBytes: CONTENT.length, digest: `sha256:${SHA256}` });
    expect(await holdsContent(artifact)).toBe(true);
    expect(basename(artifact.path)).toBe('model.gguf');
    expect(seen.at(-1)).toBe(1);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(await cachedFiles(artifact.path)).toEqual(['model.gguf', 'model.gguf.digest']);
  });

  it('does not ask the hub for what is in the cache', async () => {
    const first = await resolveArtifact(REFERENCE, options());
    const asked = hub.requests.length;
    expect(await resolveArtifact(REFERENCE, options())).toEqual(first);
    expect(hub.requests).toHaveLength(asked);
  });

  it('sends the token to the hub and never to the host it redirects to', async () => {
    await resolveArtifact(REFERENCE, options({ hubToken: 'hf_secret' }));
    expect(hub.requests.map((request) => request.authorization)).toEqual(['Bearer hf_secret', undefined]);
  });

  it('goes on where the connection was cut', async () => {
    await startHub({ '/store/model': sendContent(CONTENT, 600_000) });
    const artifact = await resolveArtifact(REFERENCE, options());
    expect(await holdsContent(artifact)).toBe(true);
    const ranges = hub.requests.filter(({ url }) => url === '/store/model').map(({ range }) => range);
    expect(ranges[0]).toBeUndefined();
    expect(ranges.length).toBeGreaterThan(1);
    for (const range of ranges.slice(1)) expect(range).toMatch(/^bytes=[1-9]\d*-$/);
  });

  it('goes on where an aborted process ended', async () => {
    const controller = new AbortController();
    const stopEarly = options({ signal: controller.signal, onProgress: () => controller.abort(new Error('enough')) });
    await expect(resolveArtifact(REFERENCE, stopEarly)).rejects.toThrow('enough');
    const artifact = await resolveArtifact(REFERENCE, options());
    expect(await holdsContent(artifact)).toBe(true);
    expect(hub.requests.at(-1)?.range).toMatch(/^bytes=[1-9]\d*-$/);
  });

  it('starts over when the file changed on the hub meanwhile', async () => {
    const former = Buffer.concat([Buffer.from('GGUF'), randomBytes(1_500_000)]);
    const etag = createHash('sha256').update(former).digest('hex');
    const file = '/owner/repository/resolve/main/folder/model.gguf';
    const controller = new AbortController();
    await startHub({
      [file]: (_request, response) =>
        void response.writeHead(302, { location: '/store/model', 'x-linked-etag': etag }).end(),
      '/store/model': sendContent(former),
    });
    const stopEarly = options({ signal: controller.signal, onProgress: () => controller.abort() });
    await expect(resolveArtifact(REFERENCE, stopEarly)).rejects.toThrow();
    await startHub();
    const artifact = await resolveArtifact(REFERENCE, options());
    expect(await holdsContent(artifact)).toBe(true);
  });

  it('lets two downloads of the same file share one', async () => {
    const [one, other] = await Promise.all([
      resolveArtifact(REFERENCE, options()),
      resolveArtifact(REFERENCE, options()),
    ]);
    expect(other).toEqual(one);
    expect(await holdsContent(one)).toBe(true);
    expect(hub.requests).toHaveLength(2);
  });

  it('downloads all parts of a split model', async () => {
    const part = (index: number): string => `/owner/repository/resolve/v2/big-0000${String(index)}-of-00002.gguf`;
    await startHub({ [part(1)]: sendContent(), [part(2)]: sendContent() });
    const artifact = await resolveArtifact('hf:owner/repository/big-00001-of-00002.gguf#v2', options());
    expect(artifact.sizeBytes).toBe(2 * CONTENT.length);
    expect(basename(artifact.path)).toBe('big-00001-of-00002.gguf');
  });

  it('never keeps a file that arrived damaged', async () => {
    const damaged = Buffer.from(CONTENT);
    damaged[1_000_000] = (damaged[1_000_000] ?? 0) ^ 1;
    await startHub({ '/store/model': sendContent(damaged) });
    await expect(resolveArtifact(REFERENCE, options())).rejects.toMatchObject({ code: 'interrupted' });
  });

  it('never keeps a page that is not a model', async () => {
    await startHub({ '/owner/repository/resolve/main/folder/model.gguf': plain(200, '<html>Sign in</html>') });
    await expect(resolveArtifact(REFERENCE, options())).rejects.toMatchObject({ code: 'not_a_model' });
    await startHub();
    expect(await resolveArtifact(REFERENCE, options())).toMatchObject({ sizeBytes: CONTENT.length });
  });

  it.each([
    [404, 'not_found', /has no hf:owner\/repository\/folder\/model\.gguf/],
    [401, 'forbidden', /set a hub token/],
    [403, 'forbidden', /set a hub token/],
    [500, 'unreachable', /answered 500/],
  ])('says in one sentence what a %i means', async (status, code, message) => {
    await startHub({ '/owner/repository/resolve/main/folder/model.gguf': plain(status, 'no') });
    const failure = resolveArtifact(REFERENCE, options());
    await expect(failure).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('says that a hub is out of reach, and never the token', async () => {
    hub.stop();
    const failure = resolveArtifact(REFERENCE, options({ hubToken: 'hf_secret' }));
    await expect(failure).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/is out of reach/),
    });
    await expect(failure).rejects.not.toThrow(/hf_secret/);
  });

  it('refuses before the download when the disk has no room', async () => {
    const file = '/owner/repository/resolve/main/folder/model.gguf';
    await startHub({
      [file]: (_request, response) => {
        response.writeHead(200, { 'content-length': String(2 ** 52) });
        response.flushHeaders();
      },
    });
    await expect(resolveArtifact(REFERENCE, options())).rejects.toMatchObject({
      code: 'disk_full',
      message: expect.stringMatching(/MB are needed and \d+ MB are free/),
    });
  });
});
