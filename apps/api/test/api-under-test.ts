import type { Redis } from 'ioredis';
import { pino } from 'pino';
import type { Agent } from '@millrace/domain/agents';
import { hashSecret, type ApiKeyRecord } from '@millrace/domain/tenancy';
import { newSecret } from '@millrace/platform/ids';
import type { RememberedAgents } from '../src/agents/remembered-agents.js';
import { ApiKeyAuthenticator } from '../src/authentication/api-key-authenticator.js';
import type { Jobs } from '../src/admin/fleet/jobs.controller.js';
import { EventFeed } from '../src/admin/events/event-feed.js';
import { ApiModule } from '../src/api.module.js';
import type { ChatCall, CompleteChat, TellLimits } from '../src/completions/complete-chat-port.js';
import { createApiServer } from '../src/http/api-server.js';
import type { GatheredQueues } from '../src/queueing/gather-queues.js';
import { ModelCatalogue } from '../src/models/model-catalogue.js';
import { ChangeAnnouncer } from '../src/stores/announce-changes.js';
import { EventStore, type DataSource, type ServedModel } from '@millrace/adapters/postgres';
import { guide, knownAgents } from './known-agents.js';

const pepper = 'p'.repeat(32);

/** For tests that administer nothing. */
const noDatabase = {} as DataSource;

/** For tests in which nothing waits or runs. */
const noJobs: Jobs = {
  find: () => Promise.resolve({ jobs: [], hasMore: false, complete: true }),
  cancel: () => Promise.resolve(undefined),
};

/** The API on a real port; keys, models and the completion are fakes that a test can change. */
export interface ApiUnderTest {
  baseUrl: string;
  /** Keys of one tenant, ready for use. */
  keys: {
    inference: string;
    limited: string;
    disabled: string;
    expired: string;
    operator: string;
    tenantAdmin: string;
    /** Acts as `agt_1`. */
    agent: string;
  };
  /** Every route as `METHOD /url`. */
  routes: string[];
  records: Map<string, ApiKeyRecord>;
  /** Makes one more key. */
  keyOf(changes: Partial<ApiKeyRecord>): string;
  /** The agents of the tenant, by id; a change is seen by `agents.forgetAgents`. */
  presets: Map<string, Agent>;
  agents: RememberedAgents;
  readiness: { reasons: string[] };
  /** What all API processes together know of the queues. */
  gathered: GatheredQueues;
  /** Serves the next calls. */
  completeChat: CompleteChat;
  /** Tells callers their limits who are not admitted. */
  tellLimits: TellLimits;
  /** Log entries so far. */
  log: Record<string, unknown>[];
  /** The log entry of a request, once its reply has ended. */
  logged(requestId: string | null): Promise<Record<string, unknown>>;
  /** Replies that are on their way may end for `graceMs`. */
  stop(graceMs?: number): Promise<void>;
}

function servedModel(name: string): ServedModel {
  return {
    modelId: `mod_${name}`,
    name,
    createdAtMs: 1_700_000_000_500,
    deploymentId: `dep_${name}`,
    paused: false,
    loaded: true,
  };
}

/** Answers every call with its model's name. */
export async function echo(call: ChatCall): Promise<void> {
  await Promise.resolve();
  call.reply.sendJson(200, { echo: call.request.model });
}

/** Administration works only with a migrated database. */
export async function startApi(dataSource = noDatabase): Promise<ApiUnderTest> {
  const { keys, records, keyOf } = makeKeys();
  const { logger, log, logged } = keepLog();
  const catalogue = new ModelCatalogue(
    { listServedModels: () => Promise.resolve(['millrace-tiny', 'org/name:8b'].map(servedModel)) },
    logger,
  );
  await catalogue.start();
  const findApiKey = (hash: string) => Promise.resolve(records.get(hash));
  const use = { note: () => undefined };
  const authenticator = new ApiKeyAuthenticator({ keys: { findApiKey }, pepper, nowMs: Date.now, use, logger });
  const { presets, agents } = knownAgents(logger);
  const readiness = { reasons: [] as string[] };
  const gathered: GatheredQueues = { queues: new Map(), complete: true };
  const publisher = { publish: () => Promise.resolve(1), on: () => publisher };
  const events = new EventFeed(new EventStore(dataSource), logger);
  const administration = {
    ...{ dataSource, pepper, events, nowMs: Date.now },
    scheduling: { demand: () => [], policy: {} },
    announcer: new ChangeAnnouncer(publisher as unknown as Redis, { authenticator, agents, catalogue }, logger),
  };
  const module = ApiModule.of({
    administration,
    authenticator,
    agents,
    catalogue,
    servability: { whyNever: () => Promise.resolve(undefined) },
    completeChat: (call) => api.completeChat(call),
    tellLimits: (principal) => api.tellLimits(principal),
    metricsText: () => Promise.resolve('millrace_open_jobs 0\n'),
    gatherQueues: () => Promise.resolve(api.gathered),
    jobs: noJobs,
    readiness: () => Promise.resolve(readiness.reasons),
    logger,
  });
  const server = await createApiServer(module, logger);
  const baseUrl = await server.listen('127.0.0.1', 0);
  const stop = async (graceMs = 0) => {
    catalogue.stop();
    events.close();
    await server.stop(graceMs);
  };
  const routes = server.routes();
  const known = { keys, records, keyOf, presets, agents };
  const told = { readiness, gathered, log, logged };
  const api: ApiUnderTest = {
    baseUrl,
    routes,
    ...known,
    ...told,
    completeChat: echo,
    tellLimits: () => Promise.resolve({}),
    stop,
  };
  return api;
}

function makeKeys(): Pick<ApiUnderTest, 'keys' | 'records' | 'keyOf'> {
  const records = new Map<string, ApiKeyRecord>();
  const keyOf = (changes: Partial<ApiKeyRecord>): string => {
    const kind = changes.kind ?? 'inference';
    const secret = newSecret(kind);
    const record = {
      keyId: `key_${String(records.size)}`,
      tenantId: 'ten_1',
      kind,
      disabled: false,
      tenantDisabled: false,
    };
    records.set(hashSecret(pepper, secret), { ...record, ...changes });
    return secret;
  };
  const keys = {
    inference: keyOf({}),
    limited: keyOf({ allowedModels: ['org/name:8b'] }),
    disabled: keyOf({ disabled: true }),
    expired: keyOf({ expiresAtMs: 1 }),
    operator: keyOf({ kind: 'operator' }),
    tenantAdmin: keyOf({ kind: 'tenant-admin' }),
    agent: keyOf({ kind: 'agent', agentId: guide.agentId }),
  };
  return { keys, records, keyOf };
}

function keepLog() {
  const log: Record<string, unknown>[] = [];
  const waiting: (() => void)[] = [];
  const write = (line: string) => {
    log.push(JSON.parse(line) as Record<string, unknown>);
    for (const look of waiting) look();
  };
  const logger = pino({ level: 'debug' }, { write });
  const logged = (requestId: string | null) =>
    new Promise<Record<string, unknown>>((resolve) => {
      const look = () => {
        const entry = log.find((one) => one['requestId'] === requestId && one['msg'] === 'request');
        if (entry !== undefined) resolve(entry);
      };
      waiting.push(look);
      look();
    });
  return { logger, log, logged };
}
