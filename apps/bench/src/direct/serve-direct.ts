/**
 * The engine with nothing but HTTP in front of it: the baseline of the bench and the upstream of its peers.
 * Each token is an event of its own, as the servers of engines write it; tokens that come together are written together.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { createSimulatedDriver, type EngineReplica, type PromptMessage } from '@millrace/adapters/engines';
import { EventText } from './event-text.js';
import type { ServeDirectly, ServesDirectly } from './direct-messages.js';

const KEEP_ALIVE_MS = 120_000;
const HEADERS = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' };

interface AskedFor {
  messages: PromptMessage[];
  max_tokens: number;
}

interface Serving {
  replica: EngineReplica;
  events: EventText;
}

/** Answers one request from the engine; ends the generation when the caller leaves. */
async function answer({ replica, events }: Serving, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { messages, max_tokens: maxCompletionTokens } = (await json(request)) as AskedFor;
  const left = new AbortController();
  response.on('close', () => left.abort());
  const generated = replica.generate(
    {
      messages,
      maxCompletionTokens,
      sampling: { temperature: 0, topP: 1 },
      stop: [],
      renderedAtMs: Date.now(),
      deliveredTokenIds: [],
      deliveredBytes: 0,
    },
    left.signal,
  );
  let begin = events.first;
  response.writeHead(200, HEADERS);
  for await (const event of generated) {
    if (event.kind === 'finished') {
      response.end(begin + events.finish(event.reason) + events.done);
    } else if (event.text !== '') {
      const room = response.write(begin + events.content(event.text, event.tokenIds.length));
      begin = '';
      if (!room && !response.closed) await Promise.race([once(response, 'drain'), once(response, 'close')]);
    }
  }
}

async function serve({ model }: ServeDirectly): Promise<ServesDirectly> {
  const { name, artifact, engineOptions } = model;
  const settings = { modelName: name, artifactPath: artifact, engineOptions };
  const replica = await createSimulatedDriver().load(settings, () => undefined, new AbortController().signal);
  const serving = { replica, events: new EventText(name) };
  let running = 0;
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    if (running === replica.slots) {
      response.writeHead(503).end();
      return;
    }
    running += 1;
    answer(serving, request, response)
      .catch((error: unknown) => {
        process.stderr.write(`direct server: ${String(error)}\n`);
        response.destroy();
      })
      .finally(() => (running -= 1));
  });
  server.listen(0, '127.0.0.1', 1_024);
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, enginePid: replica.pid };
}

process.on('message', (order: ServeDirectly) => {
  void serve(order)
    .catch((error: unknown) => ({ error: String(error) }))
    .then((reply) => process.send?.(reply));
});
// The bench has ended, however it ended; the engine ends with its parent.
process.on('disconnect', () => process.exit(0));
