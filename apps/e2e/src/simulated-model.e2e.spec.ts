import OpenAI from 'openai';
import { startMillrace, type RunningMillrace } from './running-millrace.js';

const OPTIONS = { timeToFirstTokenMs: 5, tokensPerSecond: 500, answerTokens: 40 };

describe('a simulated model', () => {
  let millrace: RunningMillrace;
  let client: OpenAI;

  beforeAll(async () => {
    millrace = await startMillrace({
      MILLRACE_MODEL: 'simulated:rehearsal',
      MILLRACE_ENGINE_OPTIONS: JSON.stringify(OPTIONS),
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
