import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simulateDevices } from './simulated-devices.js';

/** Recorded by GPUStack; the file names its source. */
const TWO_4090 = join(import.meta.dirname, '../test/fixtures/two-4090.json');
const nothing = (): number => 0;

describe('simulated devices', () => {
  let folder: string;
  beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'millrace-devices-'))));
  afterAll(async () => rm(folder, { recursive: true }));

  const machine = async (content: unknown): Promise<string> => {
    const path = join(folder, 'machine.json');
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  const gpu = { index: 0, type: 'cuda', total: 100, used: 10 };

  it('are those of a recorded machine, of which other programs use a part', async () => {
    const devices = (await simulateDevices(TWO_4090))(nothing);
    expect(devices.map(({ deviceKey, deviceType }) => [deviceKey, deviceType])).toEqual([
      ['cuda-0', 'cuda'],
      ['cuda-1', 'cuda'],
    ]);
    for (const { totalBytes, freeBytes } of devices) {
      expect(totalBytes).toBe(26_015_170_560);
      expect(freeBytes).toBe(26_015_170_560 - 650_438_837);
    }
  });

  it('have less free while replicas hold some of it, and never less than nothing', async () => {
    const devices = await simulateDevices(await machine({ memory: { total: 5, used: 1 }, gpus: [gpu] }));
    expect(devices(() => 30)).toEqual([{ deviceKey: 'cuda-0', deviceType: 'cuda', totalBytes: 100, freeBytes: 60 }]);
    expect(devices(() => 300)).toMatchObject([{ freeBytes: 0 }]);
  });

  it('are the CPU of a machine without GPUs', async () => {
    const devices = await simulateDevices(await machine({ memory: { total: 5, used: 1 }, gpus: [] }));
    expect(devices(nothing)).toEqual([{ deviceKey: 'cpu', deviceType: 'cpu', totalBytes: 5, freeBytes: 4 }]);
  });

  it.each([
    ['not JSON', '{', /it: .*expected object/i],
    ['all machines at once', { workers: {} }, /memory: /],
    ['a size that is a text', { memory: { total: '5', used: 1 }, gpus: [] }, /memory\.total: .*expected number/],
    [
      'more used than there is',
      { memory: { total: 5, used: 1 }, gpus: [{ ...gpu, used: 200 }] },
      /gpus\.0: used is more/,
    ],
    ['an index twice', { memory: { total: 5, used: 1 }, gpus: [gpu, gpu] }, /gpus: an index stands twice/],
  ])('are refused in a sentence when the file holds %s', async (_, content, reason) => {
    const refused = simulateDevices(await machine(content));
    await expect(refused).rejects.toThrow(reason);
    await expect(refused).rejects.toThrow(/Expected one machine as JSON/);
  });

  it('are refused in a sentence when there is no file', async () => {
    await expect(simulateDevices(join(folder, 'none.json'))).rejects.toThrow(/none\.json cannot be read \(ENOENT\)/);
  });
});
