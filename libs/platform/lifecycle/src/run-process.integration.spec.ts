import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { build } from '../../../../tools/build.mjs';
import type { SupervisedMessage } from './supervised-message.js';

const program = join(import.meta.dirname, '../test/supervised-child.mjs');

interface Started {
  child: ChildProcess;
  /** The first message over IPC. */
  message: SupervisedMessage;
  ended: Promise<{ code: number | null; errors: string }>;
}

async function startChild(behaviour: string, environment: NodeJS.ProcessEnv = {}): Promise<Started> {
  const child = spawn(process.execPath, [program, behaviour], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { PATH: process.env['PATH'], ...environment },
  });
  child.stdout?.resume();
  let errors = '';
  child.stderr?.on('data', (text: Buffer) => (errors += text.toString()));
  const allRead = child.stderr === null ? Promise.resolve() : once(child.stderr, 'end');
  const ended = once(child, 'exit').then(async ([code]) => {
    await allRead;
    return { code: code as number | null, errors };
  });
  const [message] = (await once(child, 'message')) as [SupervisedMessage];
  return { child, message, ended };
}

describe('a process under runProcess', () => {
  beforeAll(() => build());

  it('says when it serves and where', async () => {
    const { child, message, ended } = await startChild('serves');
    expect(message).toEqual({ type: 'ready', address: '127.0.0.1:1' });
    child.kill('SIGTERM');
    await ended;
  });

  it('answers its supervisor', async () => {
    const { child, ended } = await startChild('serves');
    const answer = once(child, 'message');
    child.send({ type: 'ping' });
    expect(await answer).toEqual([{ type: 'pong' }, undefined]);
    child.kill('SIGTERM');
    await ended;
  });

  it('stops gracefully on SIGTERM', async () => {
    const { child, ended } = await startChild('serves');
    child.kill('SIGTERM');
    expect(await ended).toEqual({ code: 0, errors: 'stopped gracefully\n' });
  });

  it('stops gracefully when its supervisor is gone, and then kills itself', async () => {
    const { child, ended } = await startChild('serves');
    child.disconnect();
    expect(await ended).toEqual({ code: null, errors: 'stopped gracefully\n' });
    expect(child.signalCode).toBe('SIGKILL');
  });

  it('stops although nobody reads its log any more', async () => {
    const { child, ended } = await startChild('serves');
    child.stdout?.destroy();
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0 });
  });

  it('leaves SIGINT to its supervisor', async () => {
    const { child, ended } = await startChild('serves');
    child.kill('SIGINT');
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0 });
  });

  it('ends by force when the graceful stop takes 2 seconds longer than the grace', async () => {
    const { child, ended } = await startChild('hangs', { MILLRACE_STOP_GRACE_MS: '1' });
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 1 });
  });

  it('ends at once when it is asked a second time', async () => {
    const { child, ended } = await startChild('hangs');
    const beganMs = performance.now();
    child.kill('SIGTERM');
    child.disconnect();
    expect(await ended).toMatchObject({ code: 1 });
    expect(performance.now() - beganMs).toBeLessThan(4_000);
  });

  it('tells why it could not start', async () => {
    const { message, ended } = await startChild('fails');
    expect(message).toEqual({ type: 'fatal', message: 'the port 1 is taken' });
    expect(await ended).toMatchObject({ code: 1 });
  });

  it('names a setting that is not one', async () => {
    const { message } = await startChild('serves', { MILLRACE_HOMES: 'x' });
    expect(message).toMatchObject({ type: 'fatal', message: expect.stringContaining('MILLRACE_HOMES') as string });
  });

  it('ends when an error was not caught', async () => {
    const { child, ended } = await startChild('breaks later');
    const [fatal] = (await once(child, 'message')) as [SupervisedMessage];
    expect(fatal).toEqual({ type: 'fatal', message: 'nobody caught this' });
    expect(await ended).toMatchObject({ code: 1 });
  });
});
