import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Machine } from './measure/machine.js';
import type { Sample } from './measure-rounds.js';
import type { Row } from './report/row.js';

/** Everything is started and stopped in it. */
const LIMIT_MS = 180_000;
const CHECKOUT = join(import.meta.dirname, '../../..');

/** What is looked at here. */
interface Figures {
  rows: Row[];
  samples: Sample[];
  machine: Machine;
}

describe('npm run bench', () => {
  it(
    'measures direct and millrace in one run, prints a table, writes JSON and leaves nothing behind',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'bench-spec-'));
      // Postgres may run as another user, who has to pass through.
      await chmod(folder, 0o711);
      const file = join(folder, 'figures.json');
      const words = ['tools/bench.mjs', '--quick', '--only', 'rate-50', '--json', file];
      const { PATH, HOME } = process.env;
      const bench = spawn(process.execPath, words, { cwd: CHECKOUT, env: { PATH, HOME, TMPDIR: folder } });
      let [output, errors] = ['', ''];
      bench.stdout.on('data', (data: Buffer) => (output += data.toString()));
      bench.stderr.on('data', (data: Buffer) => (errors += data.toString()));
      const [status] = (await once(bench, 'close')) as [number | null];

      expect({ status, errors }).toEqual({ status: 0, errors: expect.not.stringContaining('Error') });
      expect(output).toMatch(/first token at 50 requests\/s, p50 +ms +[\d.]+ +[\d.]+/);
      const { rows, samples, machine } = JSON.parse(await readFile(file, 'utf8')) as Figures;
      expect(machine.cores).toBeGreaterThan(0);
      expect(rows).toContainEqual(
        expect.objectContaining({ figure: 'answers not complete', values: { direct: 0, millrace: 0 } }),
      );
      expect(samples.map(({ contender, result }) => [contender, result.complete])).toEqual([
        ['direct', 50],
        ['millrace', 50],
      ]);
      // millrace had its home in there too.
      expect(await readdir(folder)).toEqual(['figures.json']);
      await rm(folder, { recursive: true });
    },
    LIMIT_MS,
  );
});
