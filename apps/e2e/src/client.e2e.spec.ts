import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { eventually } from './eventually.js';
import { runMillrace, type Command, type Ended } from './run-millrace.js';
import { startMillrace, type RunningMillrace } from './running-millrace.js';

const OPTIONS = { timeToFirstTokenMs: 1, tokensPerSecond: 2_000, answerTokens: 8 };
const KEY = /^mr-inference-[\w-]{43}\n$/;
/** How long a change may take to reach an API process. */
const SEEN_WITHIN_MS = 1_000;

let millrace: RunningMillrace;
let baseUrl: string;
let config: string;
beforeAll(async () => {
  config = await mkdtemp(join(tmpdir(), 'millrace-client-config-'));
  millrace = await startMillrace({
    MILLRACE_MODEL: 'simulated:rehearsal',
    MILLRACE_ENGINE_OPTIONS: JSON.stringify(OPTIONS),
  });
  ({ baseUrl } = await millrace.devJson());
}, 120_000);
afterAll(async () => {
  await millrace.stop();
  await rm(config, { recursive: true, force: true });
});

/** `./millrace` beside the millrace that npm start runs. */
const run = (words: string, command: Command = {}): Promise<Ended> =>
  runMillrace({
    ...command,
    arguments: words.split(' '),
    environment: { MILLRACE_HOME: millrace.home, XDG_CONFIG_HOME: config, ...command.environment },
  });

/** What a command prints; it must succeed. */
async function output(words: string, command?: Command): Promise<string> {
  const ended = await run(words, command);
  expect(ended).toMatchObject({ code: 0 });
  return ended.output;
}

async function chat(apiKey: string): Promise<number> {
  const client = new OpenAI({ baseURL: `${baseUrl}/v1`, apiKey, maxRetries: 0 });
  const messages = [{ role: 'user' as const, content: 'How high is the wheel?' }];
  const answer = await client.chat.completions.create({ model: 'rehearsal', messages });
  return answer.usage?.completion_tokens ?? 0;
}

describe('a tenant, from the command line', () => {
  let key: string;

  it('is created, shown and listed', async () => {
    expect(await output('tenants create --name acme --requests-per-minute 600')).toMatch(
      /^limits +600 requests\/min$/m,
    );
    expect(JSON.parse(await output('tenants get acme --json'))).toMatchObject({
      name: 'acme',
      limits: { requestsPerMinute: 600, tokensPerMonth: null },
    });
    expect(await output('tenants list')).toMatch(/^NAME +ID +STATE [^]*^acme +ten_\w+ +enabled +600 requests\/min /m);
  });

  it('gets a key that answers chats', async () => {
    const created = await run('api-keys create --tenant acme --name ci');
    expect(created).toMatchObject({ code: 0, output: expect.stringMatching(KEY) as string });
    key = created.output.trim();
    expect(created.errors).not.toContain(key);
    expect(await chat(key)).toBe(8);
  });

  it('rotates the key: both secrets work for the overlap, and without one only the new', async () => {
    const second = (await output('api-keys rotate ci --tenant acme --overlap 1h')).trim();
    await expect(Promise.all([chat(key), chat(second)])).resolves.toEqual([8, 8]);
    const third = (await output('api-keys rotate ci --tenant acme --overlap 0')).trim();
    expect(await chat(third)).toBe(8);
    await eventually('the former secret is refused', SEEN_WITHIN_MS, () =>
      chat(second).then(
        () => undefined,
        (error: unknown) => (error instanceof OpenAI.AuthenticationError ? true : undefined),
      ),
    );
  });

  it('sees what it has used, as a table and for a spreadsheet', async () => {
    const used = await eventually('usage of all four chats', 10_000, async () => {
      const table = await output('usage --tenant acme --group-by model');
      return /^\d{4}-\d\d-\d\d +rehearsal +4 /m.test(table) ? table : undefined;
    });
    expect(used).toMatch(/^DAY \(UTC\) +MODEL +REQUESTS +PROMPT +CACHED +COMPLETION +TOTAL\n/);
    expect(await output('usage --tenant acme --csv')).toMatch(/^tenantId,start,requests,[^]*\r\nten_\w+,[^,]+,4,/);
  });

  it('has all of that in the audit log, without a secret', async () => {
    const log = await output('audit-log --tenant acme');
    expect(log).toMatch(/^AT \(UTC\) +ACTION /);
    for (const action of ['create', 'rotate']) expect(log).toContain(` ${action} `);
    expect(await output('audit-log --tenant acme --all --json')).not.toContain(key);
  });

  it('is administered by a key of its own, from a profile', async () => {
    const input = await output('api-keys create --tenant acme --name chief --kind tenant-admin');
    await output(`profiles add acme --url ${baseUrl} --key-stdin`, { input });
    expect(await output('me --profile acme')).toMatch(/^tenant +acme$/m);
    expect(await output('api-keys list --profile acme')).toMatch(
      /^chief +key_\w+ +mr-tenant-admin-[\w-]{5}… +enabled /m,
    );
    expect(await run('tenants list --profile acme')).toMatchObject({
      code: 1,
      output: '',
      errors: expect.stringMatching(
        /^A key of the kind tenant-admin may not do this\. .*The key came from the profile acme: .*\(x-request-id req_\w+\)\n$/,
      ) as string,
    });
  });

  it('is deleted when that is confirmed', async () => {
    expect(await run('tenants delete acme')).toMatchObject({
      code: 2,
      errors: expect.stringContaining('--yes') as string,
    });
    await output('tenants delete acme --yes');
    expect(await run('tenants get acme')).toMatchObject({
      code: 1,
      errors: 'There is no tenant named acme: ./millrace tenants list shows those that there are.\n',
    });
  });
});

describe('an agent, from the command line', () => {
  it('answers chats with a key of its own, whatever the model is called there', async () => {
    await output('tenants create --name school');
    const input = 'You are a patient tutor.\nYou never give the answer away.\n';
    const words =
      'agents create --tenant school --name tutor --model rehearsal --system-prompt-file - --locks temperature';
    expect(await output(words, { input })).toContain('You never give the answer away.');
    expect(await output('agents list --tenant school')).toMatch(/^tutor +agt_\w+ +rehearsal /m);
    const key = (await output('api-keys create --tenant school --agent tutor --name site')).trim();
    expect(key).toMatch(/^mr-agent-/);
    expect(await chat(key)).toBe(8);
    expect(await output('api-keys list --tenant school --agent tutor')).toMatch(/^site +key_/m);
    const described = 'agents update tutor --tenant school --description patient --sampling {"temperature":0}';
    expect(await output(described)).toMatch(/^sampling +temperature 0$/m);
    await output('agents delete tutor --tenant school --yes');
    expect(await output('api-keys list --tenant school')).toBe('');
  });
});
