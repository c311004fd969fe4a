import { once } from 'node:events';
import { startApi } from '../../test/api-under-test.js';
import { expectError, post, question } from '../../test/requests.js';
import { DONE_EVENT } from '../completions/chat-response.js';

describe('a server that is asked to stop', () => {
  it('lets a stream end, then closes its kept-alive connection and takes no more calls', async () => {
    const stopping = await startApi();
    let finish: () => void = () => undefined;
    stopping.completeChat = async ({ reply }) => {
      reply.startStream();
      await new Promise<void>((resolve) => (finish = resolve));
      reply.write(DONE_EVENT);
      reply.end();
    };
    const response = await post(stopping, { ...question, stream: true });
    const stopped = stopping.stop(60_000);
    finish();
    expect(await response.text()).toBe(DONE_EVENT);
    await stopped;
    await expect(post(stopping, question)).rejects.toThrow();
  });

  it('says to probes that it is not ready, and refuses new calls with a sentence, while a stream still runs', async () => {
    const stopping = await startApi();
    let finish: () => void = () => undefined;
    stopping.completeChat = async ({ reply }) => {
      reply.startStream();
      await new Promise<void>((resolve) => (finish = resolve));
      reply.end();
    };
    const response = await post(stopping, { ...question, stream: true });
    const stopped = stopping.stop(60_000);
    const refused = await post(stopping, question);
    expect(refused.headers.get('connection')).toBe('close');
    expect((await expectError(refused, 503)).message).toBe('Not ready: it is stopping.');
    expect((await fetch(`${stopping.baseUrl}/livez`)).status).toBe(200);
    finish();
    await response.text();
    await stopped;
  });

  it('cuts a stream that outlasts the grace', async () => {
    const stopping = await startApi();
    stopping.completeChat = async ({ reply, hungUp }) => {
      reply.startStream();
      await once(hungUp, 'abort');
    };
    const response = await post(stopping, { ...question, stream: true });
    await stopping.stop(0);
    await expect(response.text()).rejects.toThrow();
  });
});
