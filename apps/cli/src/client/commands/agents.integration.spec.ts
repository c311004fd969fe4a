import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFakeServer, type FakeServer } from '../../../test/fake-server.js';
import { clientOf, runClient } from '../../../test/run-client.js';

const agent = {
  ...{ id: 'agt_1', tenantId: 'ten_1', name: 'tutor', description: 'patient', model: 'tiny', locks: ['seed', 'stop'] },
  ...{ systemPrompt: 'Ask.\nNever tell.', sampling: { temperature: 0, stop: ['END'] }, version: 1 },
  createdAt: '2026-11-25T16:34:05.678Z',
};
const AGENTS = '/admin/v1/tenants/ten_1/agents';

let server: FakeServer;
beforeEach(async () => {
  server = await startFakeServer();
  server.replies[`GET ${AGENTS}`] = { json: { object: 'list', data: [agent], hasMore: false } };
  server.replies[`POST ${AGENTS}`] = { status: 201, json: agent };
  server.replies[`PATCH ${AGENTS}/agt_1`] = { json: agent };
});
afterEach(() => server.stop());

const run = clientOf(() => server, 'mr-operator-x');
const body = () => server.heard.at(-1)?.body;
const create = 'agents create --tenant ten_1 --name tutor --model tiny';

describe('an agent', () => {
  it('is shown with the lines of its system prompt below each other', async () => {
    expect((await run(create)).output).toBe(
      'id             agt_1\n' +
        'name           tutor\n' +
        'description    patient\n' +
        'model          tiny\n' +
        'system prompt  Ask.\n' +
        '               Never tell.\n' +
        'sampling       temperature 0, stop ["END"]\n' +
        'locks          seed, stop\n' +
        'version        1\n' +
        'created (UTC)  2026-11-25 16:34:05\n',
    );
    expect(body()).toEqual({ name: 'tutor', model: 'tiny' });
  });

  it('is created with all that was typed', async () => {
    await run(`${create} --description patient --system-prompt Ask. --sampling {"temperature":0} --locks seed,stop`);
    expect(body()).toEqual({
      ...{ name: 'tutor', model: 'tiny', description: 'patient', systemPrompt: 'Ask.' },
      ...{ sampling: { temperature: 0 }, locks: ['seed', 'stop'] },
    });
  });

  it('is changed in what is named, and empty or none takes away', async () => {
    const environment = { MILLRACE_URL: server.url, MILLRACE_KEY: 'mr-operator-x' };
    const words = ['agents', 'update', 'tutor', '--tenant', 'ten_1', '--system-prompt', '', '--locks', 'none'];
    expect(await runClient([...words, '--sampling', '{"temperature":null}'], { environment })).toMatchObject({
      status: 0,
    });
    expect(body()).toEqual({ systemPrompt: '', locks: [], sampling: { temperature: null } });
  });

  describe('with a long system prompt', () => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'millrace-agent-'));
    });
    afterEach(() => rm(folder, { recursive: true }));

    it('takes it from a file or from standard input', async () => {
      const path = join(folder, 'prompt.txt');
      await writeFile(path, 'Ask.\nNever tell.\n');
      await run(`${create} --system-prompt-file ${path}`);
      expect(body()).toMatchObject({ systemPrompt: 'Ask.\nNever tell.\n' });
      await run(`${create} --system-prompt-file -`, { input: 'Ask.\n' });
      expect(body()).toMatchObject({ systemPrompt: 'Ask.\n' });
    });

    it('says so when there is no such file, or two prompts', async () => {
      const path = join(folder, 'prompt.txt');
      expect(await run(`${create} --system-prompt-file ${path}`)).toMatchObject({
        status: 2,
        notes: `${path} cannot be read (ENOENT): name a text file.\n`,
      });
      expect(await run(`${create} --system-prompt-file ${path} --system-prompt Ask.`)).toMatchObject({ status: 2 });
      expect(server.heard).toEqual([]);
    });

    it('does not read key and prompt from the same input', async () => {
      const ran = await run(`${create} --system-prompt-file - --key-stdin`, { input: 'mr-operator-x' });
      expect(ran).toMatchObject({
        status: 2,
        notes: expect.stringContaining('Standard input is the key already') as string,
      });
    });
  });
});
