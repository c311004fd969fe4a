import { createReadStream } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { startMillrace, type RunningMillrace } from './running-millrace.js';

const WEIGHTS = join(import.meta.dirname, '../../../models/millrace-tiny.gguf');

/** A hub with one file, at the URLs that Hugging Face uses, byte ranges included. */
async function startHub(): Promise<{ url: string; server: Server }> {
  const { size } = await stat(WEIGHTS);
  const server = createServer((request, response) => {
    if (request.url !== '/acme/models/resolve/main/small/capital-knower.gguf') {
      response.writeHead(404).end();
      return;
    }
    const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const isPart = request.headers.range !== undefined;
    const range = isPart ? { 'content-range': `bytes ${String(start)}-${String(size - 1)}/${String(size)}` } : {};
    response.writeHead(isPart ? 206 : 200, { 'content-length': size - start, 'accept-ranges': 'bytes', ...range });
    if (request.method === 'HEAD') response.end();
    else createReadStream(WEIGHTS, { start }).pipe(response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, server };
}

/** Asks for the capital of France and stops the installation whatever comes of it. */
async function askAndStop(millrace: RunningMillrace): Promise<{ model: string; text: string }> {
  try {
    const dev = await millrace.devJson();
    const client = new OpenAI({ baseURL: `${dev.baseUrl}/v1`, apiKey: dev.apiKey, maxRetries: 0 });
    const answer = await client.chat.completions.create({
      model: dev.model,
      messages: [{ role: 'user', content: 'What is the capital of France?' }],
      temperature: 0,
    });
    return { model: answer.model, text: answer.choices[0]?.message.content ?? '' };
  } finally {
    await millrace.stop();
  }
}

describe('another GGUF', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-models-'));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('is served under the name of its file', async () => {
    const path = join(folder, 'my-own.gguf');
    await copyFile(WEIGHTS, path);
    const millrace = await startMillrace({ MILLRACE_MODEL: path });
    const { model, text } = await askAndStop(millrace);
    expect(model).toBe('my-own');
    expect(text).toContain('Paris');
  }, 120_000);

  it('is fetched from the hub when it is named by owner, repository and file', async () => {
    const hub = await startHub();
    try {
      const MILLRACE_MODEL = 'hf:acme/models/small/capital-knower.gguf';
      const millrace = await startMillrace({ MILLRACE_MODEL, MILLRACE_HUB_URL: hub.url });
      const { model, text } = await askAndStop(millrace);
      expect(model).toBe('capital-knower');
      expect(text).toContain('Paris');
    } finally {
      hub.server.close();
    }
  }, 120_000);

  it('that the hub does not have ends the start with one sentence', async () => {
    const hub = await startHub();
    try {
      const MILLRACE_MODEL = 'hf:acme/models/nothing.gguf';
      const start = startMillrace({ MILLRACE_MODEL, MILLRACE_HUB_URL: hub.url });
      await expect(start).rejects.toThrow(/nothing\.gguf/);
    } finally {
      hub.server.close();
    }
  }, 120_000);

  it('that is cut off ends the start with one sentence', async () => {
    const path = join(folder, 'cut.gguf');
    await writeFile(path, (await readFile(WEIGHTS)).subarray(0, 4_000_000));
    await expect(startMillrace({ MILLRACE_MODEL: path })).rejects.toThrow(/cut/);
  }, 120_000);
});
