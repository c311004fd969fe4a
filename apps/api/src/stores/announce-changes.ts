import type { Redis } from 'ioredis';
import type { Logger } from '@millrace/platform/observability';
import { AGENTS_CHANNEL, CATALOGUE_CHANNEL, KEYS_CHANNEL, writeKeysChange, type KeysChange } from './change-message.js';

/** What this process remembers hears at once of what it has changed itself. */
export interface OwnMemory {
  authenticator: { forgetKeys(change: KeysChange): void };
  agents: { forgetAgents(agentId: string): void };
  catalogue: { reload(): Promise<void> };
}

/** More changes than are made while Redis is away for a moment; beyond it one message says that all has changed. */
const MOST_UNHEARD = 100;

/**
 * Tells every API process what was changed in Postgres; call it after the commit. It resolves when Redis has the
 * message. While Redis is away, messages wait here until it is back, as other processes may still be connected to it.
 */
export class ChangeAnnouncer {
  /** Owned here: what Redis has not taken yet. */
  private unheard: { channel: string; message: string }[] = [];

  constructor(
    private readonly redis: Pick<Redis, 'publish' | 'on'>,
    private readonly own: OwnMemory,
    private readonly logger: Logger,
  ) {
    redis.on('ready', () => void this.tellUnheard());
  }

  /** Keys themselves or what their tenants are allowed. */
  async keysChanged(change: KeysChange): Promise<void> {
    this.own.authenticator.forgetKeys(change);
    await this.tell(KEYS_CHANNEL, writeKeysChange(change));
  }

  async agentChanged(agentId: string): Promise<void> {
    this.own.agents.forgetAgents(agentId);
    await this.tell(AGENTS_CHANNEL, agentId);
  }

  /** Models or their deployments. */
  async catalogueChanged(): Promise<void> {
    await Promise.all([this.own.catalogue.reload(), this.tell(CATALOGUE_CHANNEL, '')]);
  }

  private async tell(channel: string, message: string): Promise<void> {
    try {
      await this.redis.publish(channel, message);
    } catch (error) {
      this.logger.warn({ err: error, channel }, 'a change could not be announced; it is once redis is back');
      this.unheard.push({ channel, message });
      if (this.unheard.length > MOST_UNHEARD) this.unheard = everythingChanged();
    }
  }

  private async tellUnheard(): Promise<void> {
    for (const { channel, message } of this.unheard.splice(0)) await this.tell(channel, message);
  }
}

function everythingChanged(): { channel: string; message: string }[] {
  return [KEYS_CHANNEL, AGENTS_CHANNEL, CATALOGUE_CHANNEL].map((channel) => ({ channel, message: '' }));
}
