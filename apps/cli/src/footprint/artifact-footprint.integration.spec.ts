import { createServer, type Server } from 'node:http';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
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

  it('of a checkpoint is what the formula says of vLLM', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-checkpoint-'));
    const config = {
      ...{ model_type: 'qwen3', num_hidden_layers: 28, hidden_size: 1024, num_attention_heads: 16, head_dim: 128 },
      ...{ num_key_value_heads: 8, intermediate_size: 3072, vocab_size: 151936, max_position_embeddings: 40960 },
    };
    await writeFile(join(folder, 'config.json'), JSON.stringify(config));
    const json = Buffer.from(JSON.stringify({ weights: { dtype: 'BF16', shape: [1], data_offsets: [0, 1_000_000] } }));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    await writeFile(join(folder, 'model.safetensors'), Buffer.concat([length, json]));
    const answer = await footprintOfArtifact(folder, { ...plain, context: 4096, slots: 2, devices: 2 });
    expect(answer).toMatchObject({ engine: 'vllm', tier: 'formula', kvBytes: 2 * 4096 * 28 * 2 * 8 * 128 * 2 });
    expect(answer.perDevice).toHaveLength(2);
    await expect(footprintOfArtifact(folder, { ...plain, cacheType: 'q8_0' })).rejects.toThrow('expected f16 or fp8');
    await rm(folder, { recursive: true });
  });

  it('splits layers over GPUs', async () => {
    const answer = await footprintOfArtifact(TINY, { ...plain, device: 'gpu', devices: 2 });
    expect(answer.perDevice.map(({ kvBytes }) => kvBytes > 0)).toEqual([true, true]);
    await expect(footprintOfArtifact(TINY, { ...plain, devices: 2 })).rejects.toThrow('add --device gpu');
    await expect(footprintOfArtifact(TINY, { ...plain, cacheType: 'fp8' })).rejects.toThrow('no cache of the type fp8');
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

    it('is planned by llama.cpp from ranges of its header, without its weights', async () => {
      const answer = await footprintOfArtifact('hf:owner/repository/tiny.gguf', plain);
      expect(answer).toMatchObject({ tier: 'engine_dry_run', model: 'tiny' });
      expect(sentBytes).toBeGreaterThan(0);
      expect(sentBytes).toBeLessThan(answer.weightsBytes);
      const { weightsBytes, kvBytes, computeBytes } = await footprintOfArtifact(TINY, plain);
      expect(answer).toMatchObject({ weightsBytes, kvBytes, computeBytes });
    });
  });
});
