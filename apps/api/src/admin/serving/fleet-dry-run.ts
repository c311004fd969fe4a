import type { CatalogueModel, DeploymentWish, FleetObserver, ObservedFleet } from '@millrace/adapters/postgres';
import {
  dryRun,
  evaluateWish,
  withWish,
  type Evaluation,
  type ObservedSnapshot,
  type PlacementPolicy,
  type QueueDemand,
  type Wish,
} from '@millrace/domain/placement';
import { PlanWriter } from './plan-on-wire.js';
import type { PlanOnWire } from './plan-schema.js';

/** Stands for a wish that is not deployed. */
const UNDEPLOYED = 'undeployed';

/** What schedulers plan by besides the database. */
export interface Scheduling {
  /** What waits for each deployment. */
  demand: (fleet: ObservedSnapshot) => QueueDemand[];
  policy: Partial<PlacementPolicy>;
}

/** What of a wish decides where its replicas can stand. */
export type WishToPlace = Pick<DeploymentWish, 'contextLength' | 'slots' | 'placement'>;

/** Asks the scheduler's own planner about the fleet as it is, without any consequence. */
export class FleetDryRun {
  constructor(
    private readonly observer: Pick<FleetObserver, 'observe'>,
    private readonly scheduling: Scheduling,
  ) {}

  /** What the scheduler would do now; with a wish, as if its model were deployed so. */
  async plan(asked?: { model: CatalogueModel; wish: DeploymentWish }): Promise<PlanOnWire> {
    const { snapshot: observed, paused } = await this.observe();
    const snapshot = asked === undefined ? observed : withWish(observed, toWish(observed, asked));
    return writerOf(snapshot).write(dryRun(snapshot), { atMs: snapshot.nowMs, paused });
  }

  /** Where a replica of the model could stand. Left out: as its deployment wishes, or as the engine chooses. */
  async evaluate(
    model: CatalogueModel,
    asked: Partial<WishToPlace>,
  ): Promise<{ evaluation: Evaluation; writer: PlanWriter; atMs: number }> {
    const { snapshot } = await this.observe();
    const deployed = deployedWish(snapshot, model);
    const wish: Wish = {
      ...{ deploymentId: UNDEPLOYED, minReplicas: 1, maxReplicas: 1, perRunner: false, paused: false },
      spec: specOf(model, {
        contextLength: asked.contextLength ?? deployed?.spec.contextLength ?? null,
        slots: asked.slots ?? deployed?.spec.slots ?? null,
      }),
      placement: asked.placement ?? deployed?.placement ?? {},
    };
    return { evaluation: evaluateWish(snapshot, wish), writer: writerOf(snapshot), atMs: snapshot.nowMs };
  }

  private async observe(): Promise<Pick<ObservedFleet, 'paused'> & { snapshot: ObservedSnapshot }> {
    // Whoever asks has watched nobody: the age of a heartbeat counts as it is.
    const { snapshot, paused } = await this.observer.observe(() => 0);
    const { demand, policy } = this.scheduling;
    return { snapshot: { ...snapshot, demand: demand(snapshot), policy }, paused };
  }
}

function writerOf({ runners, wishes }: ObservedSnapshot): PlanWriter {
  return new PlanWriter({
    runners: new Map(runners.map(({ runnerId, name }) => [runnerId, name])),
    models: new Map(wishes.map(({ deploymentId, spec }) => [deploymentId, spec.modelName])),
    undeployedId: UNDEPLOYED,
  });
}

function toWish(snapshot: ObservedSnapshot, asked: { model: CatalogueModel; wish: DeploymentWish }): Wish {
  const { model, wish } = asked;
  const { minReplicas, maxReplicas, perRunner, pinned, priority, placement, keepAliveSeconds } = wish;
  return {
    ...{ minReplicas, maxReplicas, perRunner, pinned, priority, placement, paused: false },
    deploymentId: deployedWish(snapshot, model)?.deploymentId ?? UNDEPLOYED,
    spec: specOf(model, wish),
    ...(keepAliveSeconds !== null && { keepAliveMs: keepAliveSeconds * 1_000 }),
  };
}

/** Names of models are unique. */
function deployedWish({ wishes }: ObservedSnapshot, { name }: CatalogueModel): Wish | undefined {
  return wishes.find(({ spec }) => spec.modelName === name);
}

/** 0 leaves the choice to the engine. */
function specOf(
  { name, artifact, engine, engineOptions }: CatalogueModel,
  { contextLength, slots }: Pick<WishToPlace, 'contextLength' | 'slots'>,
): Wish['spec'] {
  return {
    ...{ modelName: name, artifact, engine, engineOptions },
    ...{ contextLength: contextLength ?? 0, slots: slots ?? 0 },
  };
}
