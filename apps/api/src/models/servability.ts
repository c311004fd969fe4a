import type { FleetObserver, ServedModel } from '@millrace/adapters/postgres';
import { whyNeverFits, type ObservedSnapshot } from '@millrace/domain/placement';
import type { Logger } from '@millrace/platform/observability';

/** How long one look at the fleet counts. */
const FRESH_MS = 5_000;

/** Tells models that wait for a replica from those that no device of the fleet could ever hold. */
export class Servability {
  /** Owned here: the newest look at the fleet, under way or done. */
  private look: { atMs: number; snapshot: Promise<ObservedSnapshot> } | undefined;

  constructor(
    private readonly observer: Pick<FleetObserver, 'observe'>,
    private readonly clock: { nowMs: () => number; logger: Logger },
  ) {}

  /** Why the model can never be served, in words that follow a colon; undefined while it may be. */
  async whyNever({ deploymentId, loaded }: ServedModel): Promise<string | undefined> {
    if (loaded) return undefined;
    try {
      return whyNeverFits(await this.snapshot(), deploymentId);
    } catch (error) {
      this.clock.logger.warn({ err: error }, 'could not look at the fleet; calls of models without a replica wait');
      return undefined;
    }
  }

  private snapshot(): Promise<ObservedSnapshot> {
    const atMs = this.clock.nowMs();
    if (this.look === undefined || atMs - this.look.atMs >= FRESH_MS) {
      const snapshot = this.observer.observe(() => 0).then((fleet) => fleet.snapshot);
      snapshot.catch(() => (this.look = undefined));
      this.look = { atMs, snapshot };
    }
    return this.look.snapshot;
  }
}
