import {
  rejectionSentence,
  whyNowhere,
  decisionSentence,
  type Drain,
  type EstimateWish,
  type PassedOver,
  type Plan,
  type Rejection,
  type Start,
  type Stop,
  type Unplaced,
} from '@millrace/domain/placement';
import type { z } from 'zod';
import type { estimateSchema, PlanOnWire, rejectionSchema } from './plan-schema.js';

type OnWire<Part extends 'start' | 'stop' | 'drain' | 'unplaced' | 'passedOver'> = PlanOnWire[Part][number];

/** Names of what a plan speaks of by ids. */
export interface NamesOfPlan {
  runners: ReadonlyMap<string, string>;
  /** Names of models by deployment. */
  models: ReadonlyMap<string, string>;
  /** Stands for the wish that was asked about, which is not deployed. */
  undeployedId: string;
}

/** Writes plans for people and programs: names beside ids, and a sentence for every reason. */
export class PlanWriter {
  constructor(private readonly names: NamesOfPlan) {}

  write(plan: Plan, observed: { atMs: number; paused: boolean }): PlanOnWire {
    return {
      at: new Date(observed.atMs).toISOString(),
      paused: observed.paused,
      start: plan.start.map((start) => this.start(start)),
      stop: plan.stop.map((stop) => this.stop(stop, 'stop')),
      drain: plan.drain.map((drain) => this.drain(drain)),
      unplaced: plan.unplaced.map((wish) => this.unplaced(wish)),
      passedOver: plan.passedOver.map((wish) => this.passedOver(wish)),
      estimate: plan.estimate.map((estimate) => this.estimate(estimate)),
    };
  }

  rejection({ runnerId, deviceKey, reason, ...numbers }: Rejection): z.infer<typeof rejectionSchema> {
    const message = rejectionSentence({ runnerId, deviceKey, reason, ...numbers } as Rejection);
    return { ...this.place({ runnerId, deviceKey }), reason, message, numbers };
  }

  estimate({ footprint, spec, runnerId }: EstimateWish): z.infer<typeof estimateSchema> {
    const { deviceType, deviceCount = 1 } = footprint;
    return { model: spec.modelName, deviceType, deviceCount, runnerId, runner: this.runner(runnerId) };
  }

  private start({ runnerId, deviceKey, deploymentId, peers, ...start }: Start): OnWire<'start'> {
    const { needBytes, freeBytes, reason, layout, basis, score } = start;
    return {
      ...this.subject(deploymentId),
      ...this.place({ runnerId, deviceKey }),
      ...{ needBytes, freeBytes, reason, layout, basis, score },
      peers: peers.map((peer) => ({ ...this.place(peer), needBytes: peer.needBytes, freeBytes: peer.freeBytes })),
    };
  }

  private stop({ replicaId, deploymentId, reason, eviction, ...stop }: Stop, action: 'stop' | 'drain'): OnWire<'stop'> {
    return {
      ...{ replicaId, ...this.subject(deploymentId), ...this.place(stop), reason },
      message: decisionSentence({ action, reason, numbers: { ...stop, eviction } }),
      ...(eviction !== undefined && {
        eviction: { ...eviction, forDeploymentId: this.subject(eviction.forDeploymentId).deploymentId },
      }),
    };
  }

  private drain(drain: Drain): OnWire<'drain'> {
    const { inFlight, deadlineAtMs } = drain;
    return { ...this.stop(drain, 'drain'), inFlight, deadlineAt: new Date(deadlineAtMs).toISOString() };
  }

  private unplaced(wish: Unplaced): OnWire<'unplaced'> {
    return { ...this.passedOver(wish), missing: wish.missing, part: wish.part };
  }

  private passedOver(wish: PassedOver): OnWire<'passedOver'> {
    const { deploymentId, modelName, reason, needBytes, bestFreeBytes, rejected, unnamedDevices = 0 } = wish;
    return {
      ...{ ...this.subject(deploymentId), model: modelName, reason, message: whyNowhere(reason, { rejected }) },
      ...(needBytes !== undefined && { needBytes }),
      ...(bestFreeBytes !== undefined && { bestFreeBytes }),
      ...{ rejected: rejected.map((rejection) => this.rejection(rejection)), unnamedDevices },
    };
  }

  private subject(deploymentId: string): { deploymentId: string | null; model: string | null } {
    const isDeployed = deploymentId !== this.names.undeployedId;
    return { deploymentId: isDeployed ? deploymentId : null, model: this.names.models.get(deploymentId) ?? null };
  }

  private place({ runnerId, deviceKey }: { runnerId: string; deviceKey: string }) {
    return { runnerId, runner: this.runner(runnerId), deviceKey };
  }

  private runner(runnerId: string): string {
    return this.names.runners.get(runnerId) ?? runnerId;
  }
}
