import { createServer, type Server } from 'node:http';
import { open } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { footprintOfArtifact } from './artifact-footprint.js';
import type { FootprintOptions } from './footprint-command.js';

const TINY = join(import.meta.dirname, '../../../../models/millrace-tiny.gguf');
const plain: FootprintOptions = { batch: 512, cacheType: 'f16', flashAttention: true, device: 'cpu' };

describe('the footprint of an artifact', () => {
  it('is what llama.cpp plans, within the margin of what the formula says', async () => {
    const options = { ...plain, context: 512, slots: 4 };
    const planned = await footprintOfArtifact(TINY, options);
    const computed = await footprintOfArtifact(TINY, { ...options, formula: true });
    expect(planned).toMatchObject({ tier: 'engine_dry_run', contextLength: 512, slots: 4 });
    expect(computed).toMatchObject({ tier: 'formula', kvBytes: planned.kvBytes, weightsBytes: planned.weightsBytes });
    expect(computed.totalBytes).toBeLessThan(1.1 * planned.totalBytes);
    expect(computed.totalBytes).toBeGreaterThan(0.95 * planned.totalBytes);
  });

  describe('on a hub', () => {
    let hub: Server;
    let sentBytes = 0;
    const formerUrl = process.env['MILLRACE_HUB_URL'];

    beforeAll(async () => {
      const file = await open(TINY);
      const { size } = await file.stat();
      hub = createServer((request, response) => {
        const [, start = '0', end = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
        const last = Math.min(end === '' ? size - 1 : Number(end), size - 1);
        const content = Buffer.alloc(last - Number(start) + 1);
        void file.read(content, 0, content.length, Number(start)).then(() => {
          sentBytes += content.length;
          response.writeHead(206, { 'content-range': `bytes ${start}-${last}/${size}` }).end(content);
        });
      });
      hub.on('close', () => void file.close());
      await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve));
      process.env['MILLRACE_HUB_URL'] = `http://127.0.0.1:${(hub.address() as AddressInfo).port}`;
    });
    afterAll(async () => {
      if (formerUrl === undefined) delete process.env['MILLRACE_HUB_URL'];
      else process.env['MILLRACE_HUB_URL'] = formerUrl;
      hub.closeAllConnections();
      await new Promise((resolve) => hub.close(resolve));
    });

    it('is computed from ranges of its header, without its weights', async () => {
      const { weightsBytes, tier } = await footprintOfArtifact('hf:owner/repository/tiny.gguf', plain);
      expect(tier).toBe('formula');
      expect(weightsBytes).toBeGreaterThan(0);
      expect(sentBytes).toBeGreaterThan(0);
      expect(sentBytes).toBeLessThan(weightsBytes);
    });
  });
});
