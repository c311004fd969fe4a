import type { FleetObserver, ServedModel } from '@millrace/adapters/postgres';
import { whyNeverFits, type ObservedSnapshot } from '@millrace/domain/placement';
import type { Logger } from '@millrace/platform/observability';

/** How long one look at the fleet counts. */
const FRESH_MS = 5_000;

interface Look {
  atMs: number;
  snapshot: Promise<ObservedSnapshot>;
  /** By deployment: a plan is made once for each, however many calls ask. */
  reasons: Map<string, string | undefined>;
}

/** Tells models that wait for a replica from those that no device of the fleet could ever hold. */
export class Servability {
  /** Owned here: the newest look at the fleet, under way or done. */
  private look: Look | undefined;

  constructor(
    private readonly observer: Pick<FleetObserver, 'observe'>,
    private readonly clock: { nowMs: () => number; logger: Logger },
  ) {}

  /** Why the model can never be served, in words that follow a colon; undefined while it may be. */
  async whyNever({ deploymentId, loaded }: ServedModel): Promise<string | undefined> {
    if (loaded) return undefined;
    try {
      const { snapshot, reasons } = this.freshLook();
      const observed = await snapshot;
      if (!reasons.has(deploymentId)) reasons.set(deploymentId, whyNeverFits(observed, deploymentId));
      return reasons.get(deploymentId);
    } catch (error) {
      this.clock.logger.warn({ err: error }, 'could not look at the fleet; calls of models without a replica wait');
      return undefined;
    }
  }

  private freshLook(): Look {
    const atMs = this.clock.nowMs();
    if (this.look === undefined || atMs - this.look.atMs >= FRESH_MS) {
      const snapshot = this.observer.observe(() => 0).then((fleet) => fleet.snapshot);
      snapshot.catch(() => (this.look = undefined));
      this.look = { atMs, snapshot, reasons: new Map() };
    }
    return this.look;
  }
}
