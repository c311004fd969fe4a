import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NvidiaDevices } from './nvidia-devices.js';

const MIB = 1024 ** 2;
const TWO = [
  'GPU-4bd42a4a-1a2b-9c6f-1f6f-0a9a7be5d3c1, NVIDIA H100 80GB HBM3, 81559, 81008',
  'GPU-77a0c4f3-66a0-2f0e-51b3-a7a6b1fd0e02, Tesla T4, 15360, 14920',
];

describe('the NVIDIA devices of a machine', () => {
  let folder: string;
  let problems: string[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-nvidia-'));
    problems = [];
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** An nvidia-smi that prints these lines, if it was asked as expected. */
  const program = () => join(folder, 'nvidia-smi');
  const answer = async (lines: readonly string[], exitCode = 0) => {
    const asked = '"$*" = "--query-gpu=uuid,name,memory.total,memory.free --format=csv,noheader,nounits"';
    const text = `#!/bin/sh\n[ ${asked} ] || exit 2\ncat << 'END'\n${lines.join('\n')}\nEND\nexit ${String(exitCode)}\n`;
    await writeFile(program(), text);
    await chmod(program(), 0o755);
  };
  const devices = () => new NvidiaDevices((problem) => problems.push(problem), program());

  it('are known by their UUIDs, with the type that their name gives and the bytes they have', async () => {
    await answer(TWO);
    expect(await devices().read()).toEqual([
      {
        deviceKey: 'GPU-4bd42a4a-1a2b-9c6f-1f6f-0a9a7be5d3c1',
        deviceType: 'nvidia-h100-80gb-hbm3',
        ...{ totalBytes: 81_559 * MIB, freeBytes: 81_008 * MIB },
      },
      {
        deviceKey: 'GPU-77a0c4f3-66a0-2f0e-51b3-a7a6b1fd0e02',
        deviceType: 'nvidia-tesla-t4',
        ...{ totalBytes: 15_360 * MIB, freeBytes: 14_920 * MIB },
      },
    ]);
    expect(problems).toEqual([]);
  });

  it('are none without nvidia-smi, and for a user who may not run it', async () => {
    expect(await devices().read()).toEqual([]);
    await writeFile(program(), '');
    await chmod(program(), 0o600);
    expect(await devices().read()).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('are those of the last reading while nvidia-smi fails, which is told once', async () => {
    await answer(TWO);
    const read = devices();
    const seen = await read.read();
    await answer(['Failed to initialize NVML: Driver/library version mismatch'], 18);
    expect(await read.read()).toEqual(seen);
    expect(await read.read()).toEqual(seen);
    expect(problems).toEqual(['Failed to initialize NVML: Driver/library version mismatch']);
  });

  it('are not known until nvidia-smi has told them once', async () => {
    await answer(['Failed to initialize NVML: Driver/library version mismatch'], 18);
    const read = devices();
    expect(await read.read()).toBeUndefined();
    await answer(TWO);
    expect(await read.read()).toHaveLength(2);
  });

  it('leave out one whose memory is not told', async () => {
    await answer(['GPU-1, NVIDIA GB10, [N/A], [N/A]', ...TWO]);
    expect(await devices().read()).toHaveLength(2);
  });
});
