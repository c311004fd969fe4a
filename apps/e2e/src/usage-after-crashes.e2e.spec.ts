import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import OpenAI from 'openai';
import { eventually } from './eventually.js';
import type { DevFacts } from './npm-start.js';
import { childrenOf } from './process-tree.js';
import { startMillrace, type RunningMillrace } from './running-millrace.js';
import { readMetric, serveBeside, type ServedProcess } from './served-process.js';
import { query } from './stored-rows.js';

/** Answers of about two seconds, which fit the credit of a caller who does not read. */
const OPTIONS = { timeToFirstTokenMs: 100, tokensPerSecond: 80, answerTokens: 160, slots: 4 };
const LIMIT_MS = 120_000;
const WITHIN_60_S = 60_000;

const story = { model: 'rehearsal', messages: [{ role: 'user' as const, content: 'A story.' }], temperature: 0 };

interface Row {
  requestId: string;
  outcome: string;
  prompt: number;
  completion: number;
  attempts: number;
}

let millrace: RunningMillrace;
let dev: DevFacts;
let runnerUrl: string;
let undisturbed: { prompt: number | undefined; completion: number | undefined };
const asked = new Set<string>();
const served: ServedProcess[] = [];

const clientOf = (baseUrl: string) => new OpenAI({ baseURL: `${baseUrl}/v1`, apiKey: dev.apiKey, maxRetries: 0 });

/** Where the runner of `npm start` tells its metrics. */
async function findRunnerUrl(): Promise<string> {
  const logs = join(millrace.home, 'logs');
  const names = (await readdir(logs)).filter((name) => name.startsWith('runner'));
  const texts = await Promise.all(names.map((name) => readFile(join(logs, name), 'utf8')));
  return `http://${/"healthAddress":"([^"]+)"/.exec(texts.join(''))?.[1] ?? ''}`;
}

async function ask(baseUrl: string, choices = 1): Promise<string> {
  const { request_id } = await clientOf(baseUrl)
    .chat.completions.create({ ...story, n: choices })
    .withResponse();
  asked.add(String(request_id));
  return String(request_id);
}

/** Streams the story until its connection breaks, acts at the fifth text, and tells how many texts were heard. */
async function streamUntilBroken(baseUrl: string, act: () => void): Promise<{ requestId: string; texts: number }> {
  const { data, request_id } = await clientOf(baseUrl)
    .chat.completions.create({ ...story, stream: true })
    .withResponse();
  const requestId = String(request_id);
  asked.add(requestId);
  let texts = 0;
  try {
    for await (const chunk of data) {
      if ((chunk.choices[0]?.delta.content ?? '') === '') continue;
      texts += 1;
      if (texts === 5) act();
    }
  } catch {
    return { requestId, texts };
  }
  throw new Error('The stream has ended well although its API process was to die.');
}

const rowsOf = (requestIds: Iterable<string>) =>
  query<Row>(
    dev.databaseUrl,
    `SELECT request_id AS "requestId", outcome, prompt_tokens AS prompt, completion_tokens AS completion, attempts
     FROM usage_records WHERE request_id IN (${[...requestIds].map((id) => `'${id}'`).join(', ')})`,
  );

const rowOf = (requestId: string) =>
  eventually(`the usage row of ${requestId}`, WITHIN_60_S, async () => (await rowsOf([requestId]))[0]);

const generated = () => readMetric(runnerUrl, 'millrace_generated_tokens_total');
const attemptsEnded = () => readMetric(runnerUrl, 'millrace_attempts_total');

beforeAll(async () => {
  millrace = await startMillrace({
    MILLRACE_MODEL: 'simulated:rehearsal',
    MILLRACE_ENGINE_OPTIONS: JSON.stringify(OPTIONS),
  });
  dev = await millrace.devJson();
  runnerUrl = await findRunnerUrl();
  const { prompt, completion } = await rowOf(await ask(dev.baseUrl));
  undisturbed = { prompt, completion };
}, LIMIT_MS);

afterAll(async () => {
  for (const process of served) process.kill();
  await millrace.stop();
});

describe('an API process that is killed', () => {
  it(
    'in mid-stream leaves one row with the tokens that the runner has generated, written by another process',
    async () => {
      const api = await serveBeside(millrace.home, 'api');
      served.push(api);
      const before = await generated();
      const { requestId, texts } = await streamUntilBroken(api.url, () => api.kill());
      const row = await rowOf(requestId);
      expect(row).toMatchObject({ outcome: 'failed', prompt: undisturbed.prompt, attempts: 1 });
      expect(row.completion).toBe((await generated()) - before);
      expect(row.completion).toBeGreaterThanOrEqual(texts);
      expect(row.completion).toBeLessThan(OPTIONS.answerTokens);
    },
    LIMIT_MS,
  );

  it(
    'between the end of an answer and its row leaves one row of the whole answer, written once it is started again',
    async () => {
      const { api } = (await millrace.devJson()).pids;
      const before = await attemptsEnded();
      let killed: Promise<void> | undefined;
      const { requestId } = await streamUntilBroken(dev.baseUrl, () => {
        process.kill(api, 'SIGSTOP');
        killed = eventually('the answer is generated', WITHIN_60_S, async () =>
          (await attemptsEnded()) > before ? true : undefined,
        ).then(() => {
          process.kill(api, 'SIGKILL');
        });
      });
      await killed;
      expect(await rowOf(requestId)).toMatchObject({ outcome: 'completed', ...undisturbed, attempts: 1 });
    },
    LIMIT_MS,
  );
});

describe('a Postgres that is frozen for a while', () => {
  it(
    'delays the rows and changes nothing of them',
    async () => {
      const { postgres } = (await millrace.devJson()).pids;
      const requestIds = [await ask(dev.baseUrl)];
      const frozen = [postgres, ...(await childrenOf(postgres))];
      for (const pid of frozen) process.kill(pid, 'SIGSTOP');
      try {
        for (const choices of [1, 2, 3]) requestIds.push(await ask(dev.baseUrl, choices));
        await eventually('the rows wait in Redis', WITHIN_60_S, async () =>
          (await readMetric(dev.baseUrl, 'millrace_usage_rows_waiting', 'place="redis"')) >= 1 ? true : undefined,
        );
      } finally {
        for (const pid of frozen.reverse()) process.kill(pid, 'SIGCONT');
      }
      for (const requestId of requestIds) await rowOf(requestId);
      const rows = await rowsOf(requestIds);
      expect(rows).toHaveLength(4);
      const answers = rows.map(({ completion }) => completion / OPTIONS.answerTokens).toSorted();
      expect(answers).toEqual([1, 1, 2, 3]);
      for (const row of rows) expect(row).toMatchObject({ outcome: 'completed', prompt: undisturbed.prompt });
    },
    LIMIT_MS,
  );
});

describe('after all of it', () => {
  it('every request has one row, and the roll-ups are their sums', async () => {
    const rows = await rowsOf(asked);
    expect(rows.map(({ requestId }) => requestId).toSorted()).toEqual([...asked].toSorted());
    const sums = 'sum(prompt_tokens)::int AS prompt, sum(completion_tokens)::int AS completion';
    const [all] = await query(dev.databaseUrl, `SELECT count(*)::int AS requests, ${sums} FROM usage_records`);
    for (const granularity of ['hour', 'day']) {
      const [rolledUp] = await query(
        dev.databaseUrl,
        `SELECT sum(requests)::int AS requests, ${sums} FROM usage_rollups WHERE granularity = '${granularity}'`,
      );
      expect(rolledUp).toEqual(all);
    }
  });
});
