import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Terminal } from '../client/terminal.js';
import { runSimulate } from './run-simulate.js';
import type { SimulateOptions } from './simulate-command.js';
import type { Sweep } from './sweep-text.js';

const TRACE = `TIMESTAMP,ContextTokens,GeneratedTokens
2023-11-16 18:00:00.0000000,100,10
2023-11-16 18:00:01.5000000,200,1
2023-11-16 18:01:40.0000000,100,10
`;

describe('./millrace simulate', () => {
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
  const simulate = async (options: Partial<SimulateOptions> = {}): Promise<string> => {
    printed = '';
    await runSimulate({ scenario: 'zipf24', trace: join(folder, 'trace.csv'), load: [1], ...options }, terminal);
    return printed;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-simulate-'));
    await writeFile(join(folder, 'trace.csv'), TRACE);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('prints a row for each policy and how the planner compares', async () => {
    const text = await simulate();
    expect(text).toMatch(/LOAD +POLICY +GOODPUT\/S +GOOD/);
    expect(text).toMatch(/\n +1 +millrace .*\n +1 +lru .*\n +1 +static /);
    expect(text).toMatch(/load 1: millrace has \d\.\d\d times the goodput of the better other policy/);
  });

  it('prints the same as JSON, and draws a plot', async () => {
    const svg = join(folder, 'plot.svg');
    const sweep = JSON.parse(await simulate({ json: true, svg, load: [1, 2] })) as Sweep;
    expect(sweep).toMatchObject({ scenario: 'zipf24.yaml', seed: 20231116 });
    expect(sweep.loads.map(({ loadFactor, runs }) => [loadFactor, runs.length])).toEqual([
      [1, 3],
      [2, 3],
    ]);
    expect(sweep.loads[0]?.runs[0]).toMatchObject({ policy: 'millrace', requests: 3 });
    const plot = await readFile(svg, 'utf8');
    expect(plot).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    for (const name of ['millrace', 'lru', 'static', 'upper bound']) expect(plot).toContain(`>${name}</text>`);
  });

  it('runs the named policies only, and compares nothing without the planner', async () => {
    const text = await simulate({ policy: ['static'] });
    expect(text).not.toMatch(/millrace/);
    expect(text).toMatch(/\n +1 +static /);
  });

  it('ships a scenario and two traces', async () => {
    for (const trace of ['azure-2023-code', 'azure-2023-conversation.csv']) {
      expect(await simulate({ trace, policy: ['static'], load: [8] })).toMatch(/static/);
    }
  });

  const TITLES = 'TIMESTAMP,ContextTokens,GeneratedTokens\n';

  it.each([
    ['a scenario without models', { scenario: 'fleet: { devicesPerRunner: 2 }' }, 'models: '],
    ['what is no YAML', { scenario: 'a: [' }, 'is not YAML'],
    ['an instant that is none', { trace: `${TITLES}now,1,1\n` }, 'row 1: TIMESTAMP'],
    ['lengths that are none', { trace: `${TITLES}2023-11-16 18:00:00,1,x\n` }, 'row 1'],
    ['an empty trace', { trace: TITLES }, 'has no rows'],
  ])('refuses %s, and says where', async (_what, files, message) => {
    const paths: Partial<SimulateOptions> = {};
    for (const [option, text] of Object.entries(files) as ['scenario' | 'trace', string][]) {
      paths[option] = join(folder, `bad-${option}`);
      await writeFile(join(folder, `bad-${option}`), text);
    }
    await expect(simulate(paths)).rejects.toThrow(message);
  });

  it('refuses a model that no device could hold, with both sizes', async () => {
    const text = await readFile(join(import.meta.dirname, 'data/zipf24.yaml'), 'utf8');
    const path = join(folder, 'large.yaml');
    await writeFile(path, text.replace('weightsBytes: 34.0e9', 'weightsBytes: 340e9'));
    await expect(simulate({ scenario: path })).rejects.toThrow(/needs 371\.5 GB on 1 devices of one runner/);
    await expect(simulate({ scenario: 'nowhere' })).rejects.toThrow('The file nowhere cannot be read');
  });
});
