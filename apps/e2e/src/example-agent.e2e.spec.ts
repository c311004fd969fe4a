import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { npmStart, type DevFacts } from './npm-start.js';
import { query } from './stored-rows.js';

const SIMULATED = { MILLRACE_ENGINE_OPTIONS: '{"tokensPerSecond":500,"answerTokens":5}' };

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'millrace-example-agent-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

/** Starts with a model, lets the test look at the installation, and stops. */
async function startWith(model: string, look: (dev: DevFacts) => Promise<void>): Promise<void> {
  const running = await npmStart({ home, environment: { ...SIMULATED, MILLRACE_MODEL: `simulated:${model}` } });
  try {
    await look(await running.dev());
  } finally {
    running.signal('SIGTERM');
    await running.ended;
  }
}

async function modelOfAgent({ baseUrl, agentKey }: DevFacts): Promise<string> {
  const client = new OpenAI({ baseURL: `${baseUrl}/v1`, apiKey: agentKey, maxRetries: 0 });
  const answer = await client.chat.completions.create({ model: 'any', messages: [{ role: 'user', content: 'Hi' }] });
  return answer.model;
}

async function takeAgentKeyOut(): Promise<void> {
  const file = join(home, 'secrets.json');
  const { agentKey: _, ...older } = JSON.parse(await readFile(file, 'utf8')) as Record<string, string>;
  await writeFile(file, JSON.stringify(older));
}

describe('the example agent', () => {
  it('follows the model that is served, there once, also in a home from before there were agents', async () => {
    let firstKey = '';
    await startWith('one', async (dev) => {
      expect(await modelOfAgent(dev)).toBe('one');
      firstKey = dev.agentKey;
    });
    await startWith('two', async (dev) => {
      expect(dev.agentKey).toBe(firstKey);
      expect(await modelOfAgent(dev)).toBe('two');
    });
    await takeAgentKeyOut();
    await startWith('three', async (dev) => {
      expect(dev.agentKey).not.toBe(firstKey);
      expect(await modelOfAgent(dev)).toBe('three');
      expect(await query(dev.databaseUrl, 'SELECT name, version FROM agents')).toEqual([{ name: 'guide', version: 3 }]);
    });
  }, 240_000);
});
