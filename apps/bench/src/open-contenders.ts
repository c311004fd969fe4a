import type { Contender } from './contender.js';
import { startDirectServer } from './direct/direct-server.js';
import { queueWaits } from './installation/queue-waits.js';
import type { Millrace } from './installation/start-millrace.js';
import type { Endpoint } from './load/load-order.js';
import { childrenOf } from './measure/process-tree.js';
import { startPortkey } from './peer/start-portkey.js';
import type { Undo } from './undo.js';
import { ANSWER_TOKENS, chatBody, type SimulatedModel } from './workload.js';

const HOST = '127.0.0.1';

/** The engine with plain HTTP in front of it. */
export async function openDirect(model: SimulatedModel, undo: Undo): Promise<Contender> {
  const { port, pid, enginePid, stop } = await startDirectServer(model);
  undo.add(stop);
  return {
    name: 'direct',
    endpoint: { host: HOST, port, headers: {}, body: chatBody(model.name, ANSWER_TOKENS) },
    parts: {
      'plain server': { pid, withChildren: false },
      'engine (direct)': { pid: enginePid, withChildren: true },
    },
  };
}

/** millrace while it serves `model`, with answers of so many tokens. */
export async function millraceWith(
  millrace: Millrace,
  model: SimulatedModel,
  answerTokens = ANSWER_TOKENS,
): Promise<Contender> {
  const { pids, baseUrl, apiKey } = millrace;
  const [enginePid = 0] = await childrenOf(pids.runner);
  const { hostname, port } = new URL(baseUrl);
  const headers = { authorization: `Bearer ${apiKey}` };
  return {
    name: 'millrace',
    endpoint: { host: hostname, port: Number(port), headers, body: chatBody(model.name, answerTokens) },
    parts: {
      api: { pid: pids.api, withChildren: false },
      runner: { pid: pids.runner, withChildren: false },
      engine: { pid: enginePid, withChildren: true },
      scheduler: { pid: pids.scheduler, withChildren: false },
      redis: { pid: pids.redis, withChildren: true },
      postgres: { pid: pids.postgres, withChildren: true },
    },
    queueWaits: (requests) => queueWaits(millrace, model.name, requests),
  };
}

/** A gateway from npm in front of the same upstream that `direct` is. */
export async function openPortkey(checkout: string, upstream: Endpoint, undo: Undo): Promise<Contender> {
  const { pid, endpoint, stop } = await startPortkey(checkout, upstream);
  undo.add(stop);
  return { name: 'portkey', endpoint, parts: { portkey: { pid, withChildren: true } } };
}
