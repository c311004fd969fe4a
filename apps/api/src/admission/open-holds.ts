import type { Hold, LimitCounters } from '@millrace/adapters/limits';
import { quotaMonth } from '@millrace/domain/admission';

/** How often holds are renewed; several times within their lease. */
const RENEW_MS = 5_000;

export interface OpenHoldsOptions {
  counters: Pick<LimitCounters, 'renew' | 'settle'>;
  nowMs: () => number;
  onError: (error: unknown, what: string) => void;
}

interface UnsettledHold {
  hold: Hold;
  usedTokens: number;
}

/**
 * The holds of this process: of requests under way, and of those that have ended while Redis was away. Those under way
 * are renewed; when this process dies nobody renews them, and they expire.
 */
export class OpenHolds {
  private readonly open = new Set<Hold>();
  private unsettled: UnsettledHold[] = [];
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly options: OpenHoldsOptions) {
    this.timer = setInterval(() => void this.keepUp(), RENEW_MS);
  }

  /** Keeps a hold until it is settled by the function that is answered; calling that again changes nothing. */
  keep(hold: Hold): (usedTokens: number) => void {
    this.open.add(hold);
    return (usedTokens) => {
      if (this.open.delete(hold)) void this.settle({ hold, usedTokens });
    };
  }

  /** Renews what is open and settles what could not be settled; to be called when Redis is back, too. */
  async keepUp(): Promise<void> {
    const unsettled = this.unsettled;
    this.unsettled = [];
    await Promise.all(unsettled.map((one) => this.settle(one)));
    await this.options.counters.renew(this.open, this.month()).catch((error: unknown) => {
      this.options.onError(error, 'renew the holds of requests under way');
    });
  }

  close(): void {
    clearInterval(this.timer);
  }

  private async settle(one: UnsettledHold): Promise<void> {
    try {
      await this.options.counters.settle(one.hold, one.usedTokens, this.month());
    } catch (error) {
      this.unsettled.push(one);
      this.options.onError(error, 'settle a hold, which is tried again');
    }
  }

  private month(): string {
    return quotaMonth(this.options.nowMs()).name;
  }
}
