import type { Provider, Type } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import {
  AgentStore,
  ApiKeyStore,
  AuditLogStore,
  IdempotentAnswerStore,
  TenantStore,
  UsageReportStore,
  type DataSource,
} from '@millrace/adapters/postgres';
import { ChangeAnnouncer } from '../stores/announce-changes.js';
import { ApiKeyAdministrator } from './administer-api-keys.js';
import { AgentKeysController } from './agent-keys.controller.js';
import { AgentsController } from './agents.controller.js';
import { ApiKeysController } from './api-keys.controller.js';
import { AuditLogController } from './audit-log.controller.js';
import type { EventFeed } from './events/event-feed.js';
import { fleetControllers, fleetProviders } from './fleet/fleet-administration.js';
import { AnswerCipher } from './idempotency/answer-cipher.js';
import { ForgetExpiredAnswers } from './idempotency/forget-expired-answers.js';
import { MeController } from './me.controller.js';
import { PlausibleId } from './plausible-id.js';
import type { Scheduling } from './serving/fleet-dry-run.js';
import { servingControllers, servingProviders } from './serving/serving-administration.js';
import { TenantsController } from './tenants.controller.js';
import { UsageController } from './usage.controller.js';

/** What administration works with. */
export interface Administration {
  dataSource: DataSource;
  announcer: ChangeAnnouncer;
  /** The secret that keys are hashed with. */
  pepper: string;
  events: EventFeed;
  scheduling: Scheduling;
  nowMs: () => number;
}

export const administrationControllers: Type[] = [
  ...[MeController, TenantsController, ApiKeysController, AgentsController, AgentKeysController],
  ...[UsageController, AuditLogController],
  ...servingControllers,
  ...fleetControllers,
];

/** Ready-made parts for the controllers. */
export function administrationProviders(administration: Administration): Provider[] {
  const { dataSource, announcer, pepper, events, scheduling, nowMs } = administration;
  const keys = new ApiKeyStore(dataSource);
  return [
    { provide: TenantStore, useValue: new TenantStore(dataSource) },
    { provide: ApiKeyStore, useValue: keys },
    { provide: AgentStore, useValue: new AgentStore(dataSource) },
    { provide: ApiKeyAdministrator, useValue: new ApiKeyAdministrator({ keys, announcer, pepper, nowMs }) },
    { provide: UsageReportStore, useValue: new UsageReportStore(dataSource) },
    { provide: AuditLogStore, useValue: new AuditLogStore(dataSource) },
    ...servingProviders(dataSource, scheduling),
    ...fleetProviders({ dataSource, pepper, events }),
    { provide: IdempotentAnswerStore, useValue: new IdempotentAnswerStore(dataSource) },
    { provide: AnswerCipher, useValue: new AnswerCipher(pepper) },
    ForgetExpiredAnswers,
    { provide: ChangeAnnouncer, useValue: announcer },
    { provide: APP_PIPE, useClass: PlausibleId },
  ];
}
