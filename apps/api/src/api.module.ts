import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD, Reflector } from '@nestjs/core';
import type { Logger } from '@millrace/platform/observability';
import { administrationControllers, administrationProviders, type Administration } from './admin/administration.js';
import { JOBS, JobsController, type Jobs } from './admin/fleet/jobs.controller.js';
import { GATHER_QUEUES, QueuesController, type GatherQueues } from './admin/queues.controller.js';
import { RememberedAgents } from './agents/remembered-agents.js';
import { AccessGuard } from './authentication/access-guard.js';
import { ApiKeyAuthenticator } from './authentication/api-key-authenticator.js';
import { CallReceiver } from './completions/call-receiver.js';
import { ChatController } from './completions/chat.controller.js';
import { COMPLETE_CHAT, TELL_LIMITS, type CompleteChat, type TellLimits } from './completions/complete-chat-port.js';
import { HealthController, READINESS, type Readiness } from './http/health.controller.js';
import { METRICS_TEXT, MetricsController, type MetricsText } from './http/metrics.controller.js';
import { LOGGER } from './http/logger-token.js';
import { ModelCatalogue } from './models/model-catalogue.js';
import { Servability } from './models/servability.js';
import { ModelsController } from './models/models.controller.js';
import { DocsController } from './openapi/docs.controller.js';
import { describedRoutes } from './openapi/described-routes.js';
import { DESCRIBED_ROUTES, OpenApiController } from './openapi/openapi.controller.js';

/** What the controllers work with. */
export interface ApiParts {
  authenticator: ApiKeyAuthenticator;
  administration: Administration;
  agents: RememberedAgents;
  catalogue: ModelCatalogue;
  servability: Pick<Servability, 'whyNever'>;
  completeChat: CompleteChat;
  tellLimits: TellLimits;
  gatherQueues: GatherQueues;
  jobs: Jobs;
  readiness: Readiness;
  metricsText: MetricsText;
  logger: Logger;
}

/** In the order in which /openapi.json and /docs show them. */
const controllers = [
  ...administrationControllers,
  QueuesController,
  JobsController,
  ModelsController,
  ChatController,
  HealthController,
  MetricsController,
  OpenApiController,
  DocsController,
];

/** The HTTP surface of an API process over ready-made parts; main.ts makes the real ones. */
@Module({})
export class ApiModule {
  static of(parts: ApiParts): DynamicModule {
    return {
      module: ApiModule,
      controllers,
      providers: [
        ...administrationProviders(parts.administration),
        { provide: ApiKeyAuthenticator, useValue: parts.authenticator },
        {
          provide: APP_GUARD,
          useFactory: (reflector: Reflector) => new AccessGuard(parts.authenticator, reflector),
          inject: [Reflector],
        },
        { provide: RememberedAgents, useValue: parts.agents },
        { provide: ModelCatalogue, useValue: parts.catalogue },
        { provide: Servability, useValue: parts.servability },
        CallReceiver,
        { provide: COMPLETE_CHAT, useValue: parts.completeChat },
        { provide: TELL_LIMITS, useValue: parts.tellLimits },
        { provide: METRICS_TEXT, useValue: parts.metricsText },
        { provide: JOBS, useValue: parts.jobs },
        { provide: GATHER_QUEUES, useValue: parts.gatherQueues },
        { provide: DESCRIBED_ROUTES, useFactory: () => describedRoutes(controllers) },
        { provide: READINESS, useValue: parts.readiness },
        { provide: LOGGER, useValue: parts.logger },
      ],
    };
  }
}
