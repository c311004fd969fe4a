import OpenAI from 'openai';
import { eventually } from './eventually.js';
import type { DevFacts } from './npm-start.js';
import { startMillrace, type RunningMillrace } from './running-millrace.js';
import { serveBeside, type ServedProcess } from './served-process.js';

const LIMIT_MS = 120_000;
const WITHIN_10_S = 10_000;
const CALLS = 8;

/** An answer takes 5 s by the engine's own clock: longer than a busy machine takes to hear that a process is to stop. */
const SLOW = {
  MILLRACE_MODEL: 'simulated:slow',
  MILLRACE_ENGINE_OPTIONS: '{"tokensPerSecond":20,"answerTokens":100,"slots":32}',
};
const question = { model: 'slow', messages: [{ role: 'user' as const, content: 'Tell me a story.' }], temperature: 0 };

let millrace: RunningMillrace;
let dev: DevFacts;
let undisturbed: string;
const served: ServedProcess[] = [];

beforeAll(async () => {
  millrace = await startMillrace(SLOW);
  dev = await millrace.devJson();
  undisturbed = await stream(dev.baseUrl);
}, LIMIT_MS);

afterAll(async () => {
  for (const process of served) process.kill();
  await millrace.stop();
});

async function serveApi(environment: Record<string, string> = {}): Promise<ServedProcess> {
  const api = await serveBeside(millrace.home, 'api', environment);
  served.push(api);
  return api;
}

/** Streams an answer to its end; `onBegin` hears its first piece. */
async function stream(baseUrl: string, onBegin: () => void = () => undefined): Promise<string> {
  const client = new OpenAI({ baseURL: `${baseUrl}/v1`, apiKey: dev.apiKey, maxRetries: 0 });
  let text = '';
  for await (const chunk of await client.chat.completions.create({ ...question, stream: true })) {
    const content = chunk.choices[0]?.delta.content ?? '';
    if (text === '' && content !== '') onBegin();
    text += content;
  }
  return text;
}

/** A call that has not arrived when its API process is asked to stop is refused, so the stop waits for all of them. */
function whenAllBegan(calls: number, act: () => void): () => void {
  let begun = 0;
  return () => {
    begun += 1;
    if (begun === calls) act();
  };
}

describe('an API process that is asked to stop in mid-stream', () => {
  it(
    'is not ready at once, lets its streams end, and disturbs nobody else',
    async () => {
      const api = await serveApi();
      let stopped: Promise<number | null> | undefined;
      let readiness: Promise<Response> | undefined;
      const stop = whenAllBegan(CALLS, () => {
        stopped = api.stop();
        readiness = eventually('it says that it stops', WITHIN_10_S, async () => {
          const answer = await fetch(`${api.url}/readyz`);
          return answer.status === 503 ? answer : undefined;
        });
      });
      const [own, others] = await Promise.all([
        Promise.all(Array.from({ length: CALLS }, () => stream(api.url, stop))),
        Promise.all(Array.from({ length: 4 }, () => stream(dev.baseUrl))),
      ]);
      for (const text of [...own, ...others]) expect(text).toBe(undisturbed);
      expect(await (await readiness)?.text()).toContain('it is stopping');
      expect(await stopped).toBe(0);
    },
    LIMIT_MS,
  );

  it(
    'ends what outlasts its grace with an error that says so',
    async () => {
      const api = await serveApi({ MILLRACE_STOP_GRACE_MS: '1' });
      let stopped: Promise<number | null> | undefined;
      const stop = () => {
        stopped = api.stop();
      };
      await expect(stream(api.url, stop)).rejects.toThrow(/cut short here, as the server stops/);
      expect(await stopped).toBe(0);
    },
    LIMIT_MS,
  );
});
