import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Terminal } from '../client/terminal.js';
import type { FootprintAnswer } from './footprint-answer.js';
import type { FootprintOptions } from './footprint-command.js';
import { runFootprint } from './run-footprint.js';

const plain: FootprintOptions = { batch: 512, cacheType: 'f16', flashAttention: true, device: 'cpu' };

describe('./millrace footprint', () => {
  let folder: string;
  let printed: string;
  const terminal: Terminal = {
    print: (text) => void (printed += text),
    note: () => undefined,
    screen: false,
    enough: () => new AbortController().signal,
    interactive: false,
    readInput: () => Promise.resolve(''),
    ask: () => Promise.resolve(''),
  };
  const answer = async (question: unknown, options: Partial<FootprintOptions> = { json: true }): Promise<string> => {
    const from = join(folder, 'case.json');
    await writeFile(from, JSON.stringify(question));
    printed = '';
    await runFootprint(undefined, { ...plain, from, ...options }, terminal);
    return printed;
  };
  const failure = (question: unknown) => expect(answer(question)).rejects;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-footprint-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('answers a case with every part, its tier and its margin', async () => {
    const model = { layers: 28, kv_heads: 8, head_dim: 128 };
    const json = JSON.parse(await answer({ engine: 'llama.cpp', model, config: { ctx: 4096 } })) as FootprintAnswer;
    expect(json).toMatchObject({ engine: 'llama-cpp', tier: 'formula', kvBytes: 448 * 1024 ** 2, weightsBytes: 0 });
    expect(json.totalBytes).toBe(json.kvBytes + json.weightsBytes + json.computeBytes);
    expect(json.neededBytes).toBeGreaterThan(json.totalBytes + json.overheadBytes);
    expect(json.perDevice).toHaveLength(1);
    expect(json.assumptions).toContain('weights are unknown and count as 0');
  });

  it('multiplies the context by the slots, and splits layers over devices', async () => {
    const question = { model: { name: 'Qwen3-32B Q4_K_M' }, config: { ctx: 4096, parallel: 4, devices: 2 } };
    const json = JSON.parse(await answer(question)) as FootprintAnswer;
    expect(json.kvBytes).toBe(4 * 4096 * 262144);
    expect(json.perDevice.map((device) => device.kvBytes / json.kvBytes)).toEqual([33 / 64, 31 / 64]);
  });

  it('tells a person what the answer rests on', async () => {
    const text = await answer(
      { engine: 'vllm', model: { name: 'Qwen/Qwen3-0.6B' }, config: { gpu_total_bytes: 85e9 } },
      {},
    );
    expect(text).toMatch(/Qwen3-0.6B on vllm: formula/);
    expect(text).toMatch(/gpu_memory_utilization 0\.9/);
    expect(text).toMatch(/assumed: config of Qwen3-0.6B from https:\/\/huggingface.co\//);
  });

  it('says what is wrong with a case and what was expected', async () => {
    await failure([]).toThrow('A case is a JSON object {engine, model, config}.');
    await failure({ engine: 'tgi', model: {} }).toThrow('no formula for the engine "tgi"');
    await failure({ model: { name: 'nobody' } }).toThrow('give at least layers, kv_heads and head_dim');
    await failure({ model: { layers: 'many' } }).toThrow('"model.layers" is "many"; expected a number of 0 or more.');
    await failure({ model: { name: 'Qwen3-32B' }, config: { tp: 7 } }).toThrow(
      'it has to divide the 64 attention heads',
    );
    await failure({ model: { name: 'Qwen3-32B' }, config: { kv_type: 'q3' } }).toThrow(
      'The cache type "q3" is not known',
    );
    await expect(runFootprint(undefined, plain, terminal)).rejects.toThrow('Name one artifact, or a case by --from');
  });

  it('shows how far known answers are off, and which cases cannot be answered', async () => {
    const known = { id: 'one', family: 'exact', model: { layers: 1, kv_heads: 1, head_dim: 64 }, config: { ctx: 256 } };
    const cases = [
      { ...known, expect: { kv_bytes: 2 * 64 * 2 * 256 } },
      { ...known, id: 'two', model: { name: 'nobody' }, expect: {} },
    ];
    const check = join(folder, 'cases.json');
    await writeFile(check, JSON.stringify({ cases }));
    printed = '';
    await runFootprint(undefined, { ...plain, check }, terminal);
    expect(printed).toMatch(
      /^one +exact +kv +\+0\.00 % +0\.1 MiB for 0\.1 MiB\ntwo +exact +not answered: The model "nobody"/,
    );
  });
});
