import { mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rangesOfHub } from './file-ranges.js';
import { readCheckpoint } from './read-checkpoint.js';
import type { ResolveOptions } from './resolve-artifact.js';
import { withHeader } from './with-header.js';

const GIBIBYTE = 1024 ** 3;
const NEVER = new AbortController().signal;

/** A hub that serves the files of a folder by ranges, and counts what it sends. */
class Hub {
  sentBytes = 0;
  /** Sends everything, whatever was asked for. */
  ignoresRanges = false;
  readonly url: string;

  private constructor(
    private readonly server: Server,
    readonly folder: string,
  ) {
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => {
      const name = request.url?.split('/').at(-1) ?? '';
      if (name === 'silent.gguf') return;
      void this.answer(name, this.ignoresRanges ? undefined : request.headers.range).then(
        ({ status, headers, bytes }) => response.writeHead(status, headers).end(bytes),
      );
    });
  }

  static async start(folder: string): Promise<Hub> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Hub(server, folder);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(name: string, range: string | undefined) {
    const path = join(this.folder, name);
    const info = await stat(path).catch(() => undefined);
    if (info === undefined) return { status: 404, headers: {}, bytes: Buffer.alloc(0) };
    const [, from = '0', to = ''] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
    const last = Math.min(info.size - 1, range === undefined ? 8 * 1024 ** 2 : Number(to));
    const bytes = await readPart(path, Number(from), last - Number(from) + 1);
    this.sentBytes += bytes.length;
    const partial = { 'content-range': `bytes ${from}-${last}/${info.size}` };
    return range === undefined
      ? { status: 200, headers: { 'content-length': String(info.size) }, bytes }
      : { status: 206, headers: partial, bytes };
  }
}

async function readPart(path: string, start: number, length: number): Promise<Buffer> {
  const file = await open(path);
  const { buffer } = await file.read(Buffer.alloc(length), 0, length, start);
  await file.close();
  return buffer;
}

/** Weights that are not there take no room on the disk. */
async function writeSparse(path: string, header: Buffer, bytes: number): Promise<void> {
  await writeFile(path, header);
  const file = await open(path, 'r+');
  await file.truncate(bytes);
  await file.close();
}

function u64(value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer;
}
function u32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}
const text = (value: string): Buffer => Buffer.concat([u64(value.length), Buffer.from(value)]);

/** A GGUF header with one list of words, as a vocabulary is, and one tensor. */
function ggufHeader(words: number): Buffer {
  const vocabulary = Array.from({ length: words }, (_, id) => text(`token-${id}`));
  return Buffer.concat([
    ...[Buffer.from('GGUF'), u32(3), u64(1), u64(1), text('tokenizer.ggml.tokens'), u32(9), u32(8), u64(words)],
    ...vocabulary,
    ...[text('token_embd.weight'), u32(2), u64(32), u64(words), u32(0), u64(0)],
  ]);
}

function safetensorsHeader(tensors: Record<string, number>): Buffer {
  let offset = 0;
  const entries = Object.entries(tensors).map(([name, bytes]) => {
    offset += bytes;
    return [name, { dtype: 'BF16', shape: [bytes / 2], data_offsets: [offset - bytes, offset] }];
  });
  const json = Buffer.from(JSON.stringify({ __metadata__: { format: 'pt' }, ...Object.fromEntries(entries) }));
  return Buffer.concat([u64(json.length), json]);
}

describe('reading headers', () => {
  let folder: string;
  let hub: Hub;
  const options = (): ResolveOptions => ({ cacheFolder: join(folder, 'cache'), hubUrl: hub.url, signal: NEVER });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-headers-'));
    hub = await Hub.start(folder);
  });
  afterEach(async () => {
    await hub.stop();
    await rm(folder, { recursive: true });
  });

  it.each([
    ['a short header', 1_000, 1],
    ['a header of several MB', 300_000, 4],
  ])('copies %s of 40 GiB of weights, and reads no more than a little behind it', async (_what, words, steps) => {
    const header = ggufHeader(words);
    await writeSparse(join(folder, 'big.gguf'), header, 40 * GIBIBYTE);
    const copy = await withHeader('hf:owner/repository/big.gguf', options(), async (path) => ({
      path,
      bytes: (await stat(path)).size,
      isSame: (await readPart(path, 0, header.length)).equals(header),
    }));
    expect(copy).toMatchObject({ bytes: 40 * GIBIBYTE, isSame: true });
    expect(hub.sentBytes).toBeLessThanOrEqual(Math.max(steps * header.length, 1024 ** 2));
    await expect(stat(copy.path)).rejects.toThrow('ENOENT');
  });

  it('copies the headers of all parts of a split model', async () => {
    for (const part of ['00001', '00002']) {
      await writeSparse(join(folder, `m-${part}-of-00002.gguf`), ggufHeader(10), GIBIBYTE);
    }
    const files = await withHeader('hf:owner/repository/m-00001-of-00002.gguf', options(), (path) =>
      readdir(join(path, '..')),
    );
    expect(files.sort()).toEqual(['m-00001-of-00002.gguf', 'm-00002-of-00002.gguf']);
  });

  it('takes a file that is here as it is', async () => {
    const path = join(folder, 'here.gguf');
    await writeSparse(path, ggufHeader(10), 4096);
    expect(await withHeader(path, options(), (found) => Promise.resolve(found))).toBe(path);
    expect(hub.sentBytes).toBe(0);
  });

  it.each([
    ['is no GGUF file', Buffer.from('PK not a model'), 'is not a GGUF file'],
    ['ends too early', ggufHeader(1_000).subarray(0, 500), 'does not end within 500 bytes'],
    [
      'names a text longer than the file',
      Buffer.concat([Buffer.from('GGUF'), u32(3), u64(1), u64(1), u64(2 ** 50)]),
      'does not end within',
    ],
    [
      'names more entries than any model has',
      Buffer.concat([Buffer.from('GGUF'), u32(3), u64(1), u64(2 ** 40), u64(1)]),
      'expected at most 100000',
    ],
  ])('refuses a file that %s', async (_what, content, message) => {
    await writeFile(join(folder, 'bad.gguf'), content);
    await expect(withHeader('hf:a/b/bad.gguf', options(), (path) => readFile(path))).rejects.toThrow(message);
  });

  it('takes only what it needs from a hub that sends everything', async () => {
    hub.ignoresRanges = true;
    await writeSparse(join(folder, 'big.gguf'), ggufHeader(10), GIBIBYTE);
    const { bytes, fileBytes } = await rangesOfHub({
      url: new URL(`${hub.url}/a/b/resolve/main/big.gguf`),
      reference: 'hf:a/b/big.gguf',
      signal: NEVER,
    }).read(0, 1000);
    expect({ read: bytes.length, fileBytes }).toEqual({ read: 1000, fileBytes: GIBIBYTE });
  });

  it('gives up on a hub that does not answer', async () => {
    const request = { url: new URL(`${hub.url}/silent.gguf`), reference: 'hf:a/b/silent.gguf', signal: NEVER };
    await expect(rangesOfHub(request, 50).read(0, 1000)).rejects.toThrow('within 50 ms; try again later');
  });

  describe('of a checkpoint', () => {
    const config = { model_type: 'llama', num_hidden_layers: 2 };
    const layer = 7 * GIBIBYTE;

    beforeEach(async () => {
      await writeFile(join(folder, 'config.json'), JSON.stringify(config));
    });

    it.each(['hub', 'folder'])(
      'adds up the tensors of all its files without reading them, from a %s',
      async (place) => {
        const index = { metadata: { total_size: 1 }, weight_map: { a: 'one.safetensors', b: 'two.safetensors' } };
        await writeFile(join(folder, 'model.safetensors.index.json'), JSON.stringify(index));
        for (const name of ['one', 'two']) {
          const header = safetensorsHeader({ [`${name}.weight`]: layer, [`${name}.bias`]: 1024 });
          await writeSparse(join(folder, `${name}.safetensors`), header, header.length + layer + 1024);
        }
        const checkpoint = await readCheckpoint(place === 'hub' ? 'hf:owner/repository' : folder, options());
        expect(checkpoint).toEqual({ config, weightsBytes: 2 * (layer + 1024) });
        expect(hub.sentBytes).toBeLessThan(1024 ** 2);
      },
    );

    it('needs no index where there is one file', async () => {
      const tensors = Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`model.layers.${at}.weight`, 2048]));
      await writeSparse(join(folder, 'model.safetensors'), safetensorsHeader(tensors), GIBIBYTE);
      expect(await readCheckpoint('hf:owner/repository', options())).toMatchObject({ weightsBytes: 5_000 * 2048 });
    });

    it.each([
      [
        'names files of other folders',
        'model.safetensors.index.json',
        '{"weight_map": {"a": "../../etc/x.safetensors"}}',
      ],
      ['has a config that is no JSON', 'config.json', '<html>'],
      ['has an endless header', 'model.safetensors', Buffer.concat([u64(2 ** 52), Buffer.alloc(64)])],
    ])('refuses one that %s', async (_what, name, content) => {
      await writeFile(join(folder, name), content);
      await expect(readCheckpoint('hf:owner/repository', options())).rejects.toThrow(`${name} cannot be used: it`);
    });

    it('says which file is missing', async () => {
      await rm(join(folder, 'config.json'));
      await expect(readCheckpoint('hf:owner/repository', options())).rejects.toThrow('has no hf:owner/repository');
      await expect(readCheckpoint(folder, options())).rejects.toThrow('config.json does not exist');
    });
  });
});
