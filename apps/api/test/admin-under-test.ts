import type { Redis } from 'ioredis';
import { pino } from 'pino';
import {
  AgentStore,
  CatalogueStore,
  connectPostgres,
  EventStore,
  migrate,
  TenancyStore,
  type DataSource,
} from '@millrace/adapters/postgres';
import { storedSecret, type ApiKeyKind } from '@millrace/domain/tenancy';
import { newSecret } from '@millrace/platform/ids';
import { createTestDatabase, testRedisUrl } from '@millrace/testing';
import type { Jobs } from '../src/admin/fleet/jobs.controller.js';
import type { JobEntry } from '../src/queueing/job-directory.js';
import { EventFeed } from '../src/admin/events/event-feed.js';
import { ApiModule } from '../src/api.module.js';
import { ApiKeyAuthenticator } from '../src/authentication/api-key-authenticator.js';
import { KeyLookups } from '../src/authentication/key-lookups.js';
import { RememberedAgents } from '../src/agents/remembered-agents.js';
import { createApiServer } from '../src/http/api-server.js';
import { ModelCatalogue } from '../src/models/model-catalogue.js';
import { ChangeAnnouncer } from '../src/stores/announce-changes.js';
import { connectRedis, connectSubscriber } from '../src/stores/connect-redis.js';
import { followChanges } from '../src/stores/follow-changes.js';
import { expectDocumented } from './documented-answers.js';

const pepper = 'p'.repeat(40);
const logger = pino({ enabled: false });

/** What an answer holds, read as JSON. */
export type Json = Record<string, unknown>;

/** An answer of the admin API. */
export interface AdminAnswer {
  status: number;
  headers: Headers;
  body: Json;
}

/** What is sent beside method and path; `key` is a secret, the operator's where left out. */
export interface AdminCall {
  key?: string | undefined;
  body?: unknown;
  headers?: Record<string, string>;
  /** Which of the API's copies is asked; the first where left out. */
  copy?: number;
}

const job: JobEntry = {
  ...{ id: 'ses_1', tenantId: 'ten_1', deploymentId: 'dep_1', state: 'running', attempt: 1, runnerId: 'run_1' },
  ...{ promptTokensEstimate: 10, deliveredTokens: 3, acceptedAtMs: 1_000, startedAtMs: 2_000 },
};

/** One job, which runs until it is cancelled. */
function oneJob(): Jobs {
  let state: JobEntry['state'] = 'running';
  const find = (id = job.id) => (id === job.id ? [{ ...job, state }] : []);
  return {
    find: ({ id }) => Promise.resolve({ jobs: find(id), hasMore: false, complete: true }),
    cancel: (id) => {
      state = 'cancelling';
      return Promise.resolve(find(id)[0]);
    },
  };
}

/** Some copies of the API over one real Postgres and one real Redis. */
export interface AdminUnderTest {
  dataSource: DataSource;
  operatorKey: string;
  /** What secrets are hashed with. */
  pepper: string;
  operatorTenantId: string;
  baseUrls: string[];
  /** `METHOD /path` of every route. */
  routes: readonly string[];
  /** Breaks the connection on which a copy hears of changes; it connects again by itself. */
  breakSubscription(copy: number): void;
  /** `METHOD /path` below /admin/v1, or any other path that starts with /v1. */
  call(request: string, options?: AdminCall): Promise<AdminAnswer>;
  /** A key that is made without the API. */
  seedKey(tenantId: string, kind: Exclude<ApiKeyKind, 'agent'>): Promise<{ id: string; secret: string }>;
  stop(): Promise<void>;
}

/** `reach` may lead the way to the database elsewhere. */
export async function startAdminApi(
  copies = 1,
  reach = (url: string) => Promise.resolve(url),
): Promise<AdminUnderTest> {
  const database = await createTestDatabase();
  const dataSource = await connectPostgres(await reach(database.url));
  await migrate(dataSource);
  const running = await Promise.all(Array.from({ length: copies }, () => startCopy(dataSource)));
  const baseUrls = running.map(({ baseUrl }) => baseUrl);
  const routes = running[0]?.routes ?? [];
  const tenancy = new TenancyStore(dataSource);
  const seedKey: AdminUnderTest['seedKey'] = async (tenantId, kind) => {
    const secret = newSecret(kind);
    const stored = storedSecret(pepper, secret);
    return { id: await tenancy.ensureApiKey(tenantId, { kind, name: 'seeded', ...stored }), secret };
  };
  const operatorTenantId = await tenancy.ensureTenant('operator');
  const operatorKey = (await seedKey(operatorTenantId, 'operator')).secret;
  const stop = async () => {
    for (const copy of running) await copy.stop();
    await dataSource.destroy();
    await database.drop();
  };
  const call: AdminUnderTest['call'] = (request, options = {}) => {
    const baseUrl = baseUrls[options.copy ?? 0] ?? '';
    return send(baseUrl, request, { key: operatorKey, ...options });
  };
  const breakSubscription = (copy: number) => running[copy]?.breakSubscription();
  return {
    dataSource,
    pepper,
    operatorKey,
    operatorTenantId,
    baseUrls,
    routes,
    breakSubscription,
    call,
    seedKey,
    stop,
  };
}

async function send(baseUrl: string, request: string, { key, body, headers }: AdminCall): Promise<AdminAnswer> {
  const [method = '', path = ''] = request.split(' ');
  const url = baseUrl + (path.startsWith('/v1') ? path : `/admin/v1${path}`);
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
  const authorization = `Bearer ${key ?? ''}`;
  const response = await fetch(url, { method, headers: { authorization, ...type, ...headers }, ...sent });
  if (url.includes('/admin/v1')) await expectDocumented(baseUrl, method, response);
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? {} : (JSON.parse(text) as Json) };
}

/** One API process without queues, on connections of its own to Redis. */
async function startCopy(dataSource: DataSource) {
  const redis: Redis = await connectRedis(testRedisUrl(), logger);
  const subscriber = await connectSubscriber(testRedisUrl(), logger);
  const use = { note: () => undefined };
  const keys = new KeyLookups(new TenancyStore(dataSource));
  const authenticator = new ApiKeyAuthenticator({ keys, pepper, nowMs: Date.now, use, logger });
  const agents = new RememberedAgents(new AgentStore(dataSource), { nowMs: Date.now, logger });
  const catalogue = new ModelCatalogue(new CatalogueStore(dataSource), logger);
  await catalogue.reload();
  await followChanges(subscriber, { authenticator, agents, catalogue }, logger);
  const events = new EventFeed(new EventStore(dataSource), logger);
  const module = ApiModule.of({
    administration: {
      ...{ dataSource, pepper, events, nowMs: Date.now },
      scheduling: { demand: () => [], policy: {} },
      announcer: new ChangeAnnouncer(redis, { authenticator, agents, catalogue }, logger),
    },
    ...{ authenticator, agents, catalogue, logger },
    servability: { whyNever: () => Promise.resolve(undefined) },
    tellLimits: () => Promise.resolve({}),
    completeChat: () => Promise.reject(new Error('not part of this test')),
    metricsText: () => Promise.resolve(''),
    gatherQueues: () => Promise.resolve({ queues: new Map(), complete: true }),
    jobs: oneJob(),
    readiness: () => Promise.resolve([]),
  });
  const server = await createApiServer(module, logger);
  const baseUrl = await server.listen('127.0.0.1', 0);
  const stop = async () => {
    events.close();
    await server.stop(0);
    redis.disconnect();
    subscriber.disconnect();
  };
  return { baseUrl, routes: server.routes(), stop, breakSubscription: () => subscriber.disconnect(true) };
}
