import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { childEnvironment } from '@millrace/platform/config';
import getPort from 'get-port';
import type { Endpoint } from '../load/load-order.js';
import { installPortkey } from './install-portkey.js';

const HOST = '127.0.0.1';
const LIMIT_MS = 30_000;
const RETRY_MS = 100;

export interface Peer {
  pid: number;
  endpoint: Endpoint;
  stop: () => void;
}

/** Runs the gateway in front of an upstream that serves the same workload. */
export async function startPortkey(checkout: string, upstream: Endpoint): Promise<Peer> {
  const program = await installPortkey(checkout);
  const port = await getPort({ host: HOST });
  const child = spawn(process.execPath, [program, '--headless', `--port=${String(port)}`], {
    env: { ...childEnvironment({}), TRUSTED_CUSTOM_HOSTS: HOST },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit').then(() => {
    throw new Error('The peer gateway has ended.');
  });
  const stop = () => {
    ended.catch(() => undefined);
    child.kill();
  };
  await Promise.race([untilListening(port), ended]);
  const headers = {
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': `http://${upstream.host}:${String(upstream.port)}/v1`,
    authorization: 'Bearer none',
  };
  return { pid: child.pid ?? 0, endpoint: { host: HOST, port, headers, body: upstream.body }, stop };
}

async function untilListening(port: number): Promise<void> {
  const deadlineMs = performance.now() + LIMIT_MS;
  while (performance.now() < deadlineMs) {
    const answered = await fetch(`http://${HOST}:${String(port)}/`).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await wait(RETRY_MS);
  }
  throw new Error(`The peer gateway does not listen on port ${String(port)}.`);
}
