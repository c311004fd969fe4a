import type { Redis } from 'ioredis';

/** A process that has not renewed its presence for this long is taken for dead. */
const EXPIRY_SECONDS = 6;
const RENEWAL_MS = 2_000;

/** There while the API process with this boot id is taken for alive. */
export function presenceKey(owner: string): string {
  return `mr:presence:api:${owner}`;
}

/**
 * Announces where runners reach this API process. Schedulers read it and tell the runners,
 * so no address ever travels in a ticket.
 */
export class Presence {
  private timer: NodeJS.Timeout | undefined;
  private readonly key: string;

  constructor(
    private readonly redis: Redis,
    private readonly process: { owner: string; address: string },
    private readonly onError: (error: unknown, what: string) => void,
  ) {
    this.key = presenceKey(process.owner);
  }

  /** Resolves when the first announcement is made; renews it from then on. */
  async announce(): Promise<void> {
    await this.renew();
    await this.redis.publish('mr:presence', this.process.owner);
    this.timer = setInterval(() => {
      this.renew().catch((error: unknown) => {
        this.onError(error, 'renew the presence of this process');
      });
    }, RENEWAL_MS);
  }

  /** Says good-bye, so that runners need not wait for the expiry. */
  async withdraw(): Promise<void> {
    clearInterval(this.timer);
    await this.redis.del(this.key);
    await this.redis.publish('mr:presence', this.process.owner);
  }

  private async renew(): Promise<void> {
    await this.redis.set(this.key, this.process.address, 'EX', EXPIRY_SECONDS);
  }
}
