import type { Redis } from 'ioredis';
import type { Logger } from '@millrace/platform/observability';
import type { RememberedAgents } from '../agents/remembered-agents.js';
import type { ApiKeyAuthenticator } from '../authentication/api-key-authenticator.js';
import type { ModelCatalogue } from '../models/model-catalogue.js';
import { AGENTS_CHANNEL, CATALOGUE_CHANNEL, KEYS_CHANNEL, readKeysChange } from './change-message.js';

/** What this process remembers of the stores. */
export interface Remembered {
  authenticator: Pick<ApiKeyAuthenticator, 'forgetKeys' | 'distrustKeys'>;
  agents: Pick<RememberedAgents, 'forgetAgents' | 'distrustAgents'>;
  catalogue: Pick<ModelCatalogue, 'reload'>;
}

/**
 * Keeps what is remembered true: other processes announce changes on Redis channels. Announcements made while the
 * connection was broken are lost, so after each reconnect nothing is trusted any more.
 * Resolves when announcements are heard.
 */
export async function followChanges(subscriber: Redis, remembered: Remembered, logger: Logger): Promise<void> {
  const { authenticator, agents, catalogue } = remembered;
  subscriber.on('message', (channel: string, changed: string) => {
    if (channel === KEYS_CHANNEL) authenticator.forgetKeys(readKeysChange(changed));
    if (channel === AGENTS_CHANNEL) agents.forgetAgents(changed === '' ? undefined : changed);
    if (channel === CATALOGUE_CHANNEL) void catalogue.reload();
  });
  const listen = async () => {
    await subscriber.subscribe(KEYS_CHANNEL, AGENTS_CHANNEL, CATALOGUE_CHANNEL);
    authenticator.distrustKeys();
    agents.distrustAgents();
    await catalogue.reload();
  };
  subscriber.on('ready', () => {
    listen().catch((error: unknown) =>
      logger.warn({ err: error }, 'could not subscribe; the next reconnect tries again'),
    );
  });
  await listen();
}
