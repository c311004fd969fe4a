import { join } from 'node:path';
import OpenAI from 'openai';
import { eventually } from './eventually.js';
import { CHECKOUT } from './run-millrace.js';
import { startMillrace, type RunningMillrace } from './running-millrace.js';
import { query } from './stored-rows.js';

const GIB = 1024 ** 3;
const OPTIONS = { timeToFirstTokenMs: 5, tokensPerSecond: 500, answerTokens: 40, weightsBytes: 20 * GIB };
/** A machine with two devices of 24 GiB each, more than any machine that tests run on has to spare. */
const DEVICES = join(CHECKOUT, 'libs/adapters/devices/test/fixtures/two-4090.json');

describe('a simulated model', () => {
  let millrace: RunningMillrace;
  let client: OpenAI;

  beforeAll(async () => {
    millrace = await startMillrace({
      MILLRACE_MODEL: 'simulated:rehearsal',
      MILLRACE_ENGINE_OPTIONS: JSON.stringify(OPTIONS),
      MILLRACE_DEVICES_FILE: DEVICES,
    });
    const dev = await millrace.devJson();
    client = new OpenAI({ baseURL: `${dev.baseUrl}/v1`, apiKey: dev.apiKey, maxRetries: 0 });
  }, 120_000);

  afterAll(async () => millrace.stop());

  const ask = async (content: string) => {
    const answer = await client.chat.completions.create({
      model: 'rehearsal',
      messages: [{ role: 'user', content }],
      temperature: 0,
    });
    return { text: answer.choices[0]?.message.content ?? '', tokens: answer.usage?.completion_tokens };
  };

  it('answers with as many tokens as its options say, the same for the same question', async () => {
    const answer = await ask('How high is the wheel?');
    expect(answer.tokens).toBe(40);
    expect(answer.text.length).toBeGreaterThan(40);
    expect(await ask('How high is the wheel?')).toEqual(answer);
    expect(await ask('How deep is the river?')).not.toEqual(answer);
  });

  it('is placed on one of the simulated devices, which then has so much less free', async () => {
    const { databaseUrl } = await millrace.devJson();
    const devices = () =>
      query<{ key: string; type: string; free: string; held: string | null }>(
        databaseUrl,
        `SELECT device_key AS key, device_type AS type, free_bytes AS free, bytes AS held
         FROM devices LEFT JOIN device_reservations USING (runner_id, device_key) ORDER BY device_key`,
      );
    const unusedBytes = 26_015_170_560 - 650_438_837;
    const heldBytes = 20 * GIB + 64 * 1024 ** 2;
    const observed = await eventually('a device with less free', 15_000, async () => {
      const rows = await devices();
      return rows.some(({ free }) => Number(free) < unusedBytes) ? rows : undefined;
    });
    expect(observed).toEqual([
      { key: 'cuda-0', type: 'cuda', free: String(unusedBytes - heldBytes), held: String(heldBytes) },
      { key: 'cuda-1', type: 'cuda', free: String(unusedBytes), held: null },
    ]);
  });

  it('gives a caller the whole answer although its engine dies on the way', async () => {
    const undisturbed = await ask('How wide is the valley?');
    expect(await ask('How wide is the valley? [simulated: crash after 7 tokens]')).toEqual(undisturbed);
  }, 60_000);
});

describe('wrong engine options', () => {
  it('end the start with a sentence that names them', async () => {
    const start = startMillrace({
      MILLRACE_MODEL: 'simulated:rehearsal',
      MILLRACE_ENGINE_OPTIONS: '{"tokensPerMinute":5}',
    });
    await expect(start).rejects.toThrow(/engineOptions.*simulated.*tokensPerMinute/);
  }, 120_000);
});

describe('a devices file that is not valid', () => {
  it('ends the start with a sentence that says why', async () => {
    const start = startMillrace({ MILLRACE_DEVICES_FILE: join(CHECKOUT, 'package.json') });
    await expect(start).rejects.toThrow(/devices file .*package\.json is not valid: memory.*Expected one machine/);
  }, 120_000);
});
