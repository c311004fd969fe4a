import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFakeServer, type FakeServer } from '../../../test/fake-server.js';
import { clientOf, runClient, type ClientWorld } from '../../../test/run-client.js';

const KEY = 'mr-operator-secret';

let server: FakeServer;
beforeEach(async () => {
  server = await startFakeServer();
  server.replies['GET /admin/v1/me'] = {
    json: { tenant: { id: 'ten_0', name: 'operator' }, apiKey: { id: 'key_1', kind: 'operator' } },
  };
});
afterEach(() => server.stop());

const run = clientOf(() => server, KEY);

describe('where a command connects to', () => {
  it('is told with --verbose, with each request, and never the key', async () => {
    const { notes } = await run('me --verbose');
    expect(notes).toMatch(
      /^Using http:\S+ \(from MILLRACE_URL\) with the key from MILLRACE_KEY\nGET \/admin\/v1\/me: 200, \d+ ms\n$/,
    );
    expect(notes).not.toContain(KEY);
  });

  it('is standard input for the key, too', async () => {
    await run('me --key-stdin', { input: 'mr-operator-typed\n' });
    expect(server.heard[0]?.headers.authorization).toBe('Bearer mr-operator-typed');
  });

  describe('in files', () => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'millrace-client-'));
    });
    afterEach(() => rm(folder, { recursive: true }));

    const lone = (words: string, world: ClientWorld = {}) =>
      runClient(words.split(' '), {
        ...world,
        environment: { XDG_CONFIG_HOME: folder, MILLRACE_HOME: folder, ...world.environment },
      });
    const keyHeard = () => server.heard.at(-1)?.headers.authorization;

    it('is the millrace of this checkout where nothing else is said', async () => {
      expect(await lone('me')).toMatchObject({
        status: 1,
        notes: expect.stringMatching(/^It is not said which/) as string,
      });
      await writeFile(
        join(folder, 'dev.json'),
        JSON.stringify({ baseUrl: server.url, operatorKey: 'mr-operator-dev' }),
      );
      expect(await lone('me')).toMatchObject({ status: 0 });
      expect(keyHeard()).toBe('Bearer mr-operator-dev');
    });

    it('is a profile by its name, by the environment or by being in use', async () => {
      expect(
        await lone(`profiles add one --url ${server.url} --key-stdin`, { input: 'mr-operator-one\n' }),
      ).toMatchObject({
        status: 0,
        notes: expect.stringContaining('Try it: ./millrace me --profile one\n') as string,
      });
      const typed = await lone(`profiles add two --url ${server.url}/v1`, { answers: 'mr-tenant-admin-two' });
      expect(typed.questions).toEqual([`Key for ${server.url}/v1: `]);
      await lone('me --profile one');
      expect(keyHeard()).toBe('Bearer mr-operator-one');
      await lone('me', { environment: { MILLRACE_PROFILE: 'two' } });
      expect(keyHeard()).toBe('Bearer mr-tenant-admin-two');
      await lone('profiles use one');
      await lone('me');
      expect(keyHeard()).toBe('Bearer mr-operator-one');
    });

    it('is what was typed before what the environment says', async () => {
      await lone(`profiles add one --url ${server.url} --key-stdin`, { input: 'mr-operator-one' });
      const environment = { MILLRACE_URL: 'http://127.0.0.1:9', MILLRACE_KEY: 'mr-operator-env' };
      expect(await lone('me --profile one', { environment })).toMatchObject({ status: 0 });
      expect(keyHeard()).toBe('Bearer mr-operator-one');
    });

    it('can be listed without its secrets, replaced and removed', async () => {
      const input = `mr-operator-${'a1B2c'.repeat(9)}`;
      await lone(`profiles add one --url ${server.url} --key-stdin`, { input });
      expect(await lone(`profiles add one --url ${server.url} --key-stdin`, { input })).toMatchObject({ status: 1 });
      expect(await lone(`profiles add one --url ${server.url} --key-stdin --replace`, { input })).toMatchObject({
        status: 0,
      });
      await lone('profiles use one');
      const { output } = await lone('profiles list');
      expect(output).toMatch(/^IN USE {2}NAME {2}URL +KEY\n\* +one +http:\S+ +mr-operator-a1B2c…\n$/);
      await lone('profiles remove one');
      expect(await lone('profiles list')).toMatchObject({
        output: '',
        notes: expect.stringContaining('none') as string,
      });
      expect(await lone('profiles remove one')).toMatchObject({ status: 1 });
    });

    it.each(['-x', 'two words', '__proto__', ''])('has no name like %j', async (name) => {
      const ran = await runClient(['profiles', 'add', '--url', server.url, '--key-stdin', '--', name], { input: 'k' });
      expect(ran).toMatchObject({ status: 2, notes: expect.stringMatching(/^A name has letters/) as string });
    });
  });
});
