import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../../../tools/build.mjs';
import { createTestDatabase, type TestDatabase } from '@millrace/testing';
import { runMillrace } from './run-millrace.js';

const LIMIT_MS = 60_000;
let folder: string;

beforeAll(() => build());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-command-line-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the command line', () => {
  it.each([[['--help']], [['serve', '--help']], [['up', '--help']], [['migrate', '--help']], [['doctor', '--help']]])(
    'explains itself with %j',
    async (words) => {
      const ended = await runMillrace({ arguments: words });
      expect(ended).toMatchObject({ code: 0, errors: '', output: expect.stringMatching(/^Usage: millrace/) as string });
    },
    LIMIT_MS,
  );

  it.each(['api', 'scheduler', 'runner'])(
    'lists what a process reads with serve %s --help, and starts nothing',
    async (name) => {
      const ended = await runMillrace({ arguments: ['serve', name, '--help'] });
      expect(ended).toMatchObject({ code: 0, errors: '' });
      expect(ended.output).toContain('  MILLRACE_STOP_GRACE_MS (default: 25000)\n');
    },
    LIMIT_MS,
  );

  it(
    'names a command it does not know',
    async () => {
      const ended = await runMillrace({ arguments: ['upp'] });
      expect(ended).toMatchObject({ code: 2, errors: expect.stringMatching(/unknown command 'upp'/) as string });
    },
    LIMIT_MS,
  );

  it(
    'checks the machine, one line for each thing',
    async () => {
      const environment = { MILLRACE_HOME: join(folder, 'home'), PORT: '0' };
      const { output } = await runMillrace({ arguments: ['doctor'], environment });
      const subjects = ['node', 'platform', 'disk', 'memory', 'postgres', 'redis', 'port', 'registry', 'home'];
      const lines = output.trim().split('\n');
      expect(lines).toHaveLength(subjects.length);
      for (const subject of subjects) {
        expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^(ok|problem) +${subject} +\\S`)));
      }
    },
    LIMIT_MS,
  );

  it(
    'says what to do about a problem, and exits non-zero',
    async () => {
      const environment = {
        MILLRACE_HOME: '/proc/home',
        PORT: '0',
        DATABASE_URL: 'postgres://me:secret@127.0.0.1:1/db',
      };
      const ended = await runMillrace({ arguments: ['doctor'], environment });
      expect(ended.code).toBe(1);
      expect(ended.output).toMatch(/^problem +postgres +DATABASE_URL .* does not answer/m);
      expect(ended.output).not.toContain('secret');
    },
    LIMIT_MS,
  );

  it(
    'asks for DATABASE_URL before it migrates',
    async () => {
      const ended = await runMillrace({ arguments: ['migrate'] });
      expect(ended).toMatchObject({ code: 1, errors: expect.stringMatching(/^DATABASE_URL is not set/) as string });
    },
    LIMIT_MS,
  );

  it(
    'says which setting a process lacks',
    async () => {
      const ended = await runMillrace({ arguments: ['serve', 'scheduler'] });
      expect(ended.code).toBe(1);
      expect(ended.output).toContain('DATABASE_URL is not set');
      expect(ended.errors).toMatch(/^No millrace was found in .*: start it there, or set MILLRACE_HOME/);
    },
    LIMIT_MS,
  );

  describe('with a database', () => {
    let database: TestDatabase;
    beforeAll(async () => {
      database = await createTestDatabase();
    });
    afterAll(() => database.drop());

    it(
      'brings the schema up to date, once',
      async () => {
        const wish = { arguments: ['migrate'], environment: { DATABASE_URL: database.url } };
        expect((await runMillrace(wish)).output).toMatch(/^Applied /);
        expect((await runMillrace(wish)).output).toBe('The schema is up to date.\n');
      },
      LIMIT_MS,
    );
  });
});
