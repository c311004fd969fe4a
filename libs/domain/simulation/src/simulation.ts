import type { Policy } from './policy.js';
import { RequestLog } from './request-log.js';
import type { Scenario } from './scenario.js';
import { SimulatedFleet, type Home, type SimulatedReplica } from './simulated-fleet.js';
import { WaitingRequests } from './waiting-requests.js';
import type { SimulatedRequest, Workload } from './workload.js';

/** Sums over the time of a run. */
export interface UseOfDevices {
  /** Seconds in which a device worked, and in which it held a byte, over all devices. */
  busySeconds: number;
  heldByteSeconds: number;
  /** The longest that the first request of a model waited while no replica of it served. */
  longestColdWaitSeconds: number;
  /** Requests that expired while no replica of their model served. */
  expiredCold: number;
}

/** One run of a workload under a policy, from event to event. Owns the time, the fleet and the queues. */
export class Simulation {
  readonly fleet: SimulatedFleet;
  readonly log: RequestLog;
  readonly use: UseOfDevices = { busySeconds: 0, heldByteSeconds: 0, longestColdWaitSeconds: 0, expiredCold: 0 };
  private readonly waiting: WaitingRequests;
  private nowSeconds = 0;
  private nextArrival = 0;
  /** Tokens of requests that were handed over. */
  private readonly delivered = new Map<number, number>();
  private decidedAtSeconds = -Infinity;
  /** Whether anything has happened since the last decision. */
  private hasNews = false;

  constructor(
    private readonly scenario: Scenario,
    private readonly workload: Workload,
    private readonly policy: Policy,
  ) {
    this.fleet = new SimulatedFleet(scenario);
    this.waiting = new WaitingRequests(workload.requests, scenario.models.length);
    this.log = new RequestLog(workload.requests, scenario.limits);
  }

  get seconds(): number {
    return this.nowSeconds;
  }

  /** Runs until each request has ended. The fleet begins with these replicas loaded, the other weights in its hosts. */
  run(standing: readonly Home[], cacheOrder: readonly number[]): this {
    this.fleet.fillCaches(cacheOrder);
    for (const home of standing) this.fleet.place(home);
    while (this.log.isOpen) this.step();
    return this;
  }

  private step(): void {
    // 1. let the engines work until the next event
    const shares = this.sharesOfDevices();
    const untilSeconds = this.nextEventAtSeconds(shares);
    if (untilSeconds === Infinity) throw new Error('Requests wait, and nothing is left to happen.');
    this.work(untilSeconds, shares);

    // 2. arrivals, ended loads and unloads, and what has waited too long
    this.arrive();
    for (const replica of this.fleet.settle(this.nowSeconds)) this.settled(replica);
    this.expire();

    // 3. decide, then hand waiting requests to replicas with room
    this.decide();
    this.dispatch();
  }

  /** What each replica with work gets of its devices' time: equal shares; a group moves with its slowest device. */
  private sharesOfDevices(): number[] {
    const busy = Array<number>(this.fleet.deviceCount).fill(0);
    for (const { engine, devices } of this.fleet.replicas) {
      if (engine.inFlight > 0) for (const device of devices) busy[device] = (busy[device] ?? 0) + 1;
    }
    return this.fleet.replicas.map(({ devices }) => {
      let most = 1;
      for (const device of devices) most = Math.max(most, busy[device] ?? 1);
      return 1 / most;
    });
  }

  private nextEventAtSeconds(shares: readonly number[]): number {
    let seconds = Infinity;
    this.fleet.replicas.forEach(({ engine }, index) => {
      seconds = Math.min(seconds, engine.secondsToChange(shares[index] ?? 1));
    });
    const arrivalAtSeconds = this.workload.requests[this.nextArrival]?.atSeconds ?? Infinity;
    const expiresAtSeconds = this.waiting.expiresAtSeconds(this.scenario.coldWaitSeconds);
    const next = Math.min(arrivalAtSeconds, this.fleet.settlesAtSeconds(), expiresAtSeconds, this.decidesAtSeconds());
    return Math.max(this.nowSeconds, Math.min(this.nowSeconds + seconds, next));
  }

  private decidesAtSeconds(): number {
    const { everySeconds } = this.policy;
    return this.hasNews && everySeconds < Infinity ? this.decidedAtSeconds + everySeconds : Infinity;
  }

  private work(untilSeconds: number, shares: readonly number[]): void {
    const seconds = untilSeconds - this.nowSeconds;
    this.nowSeconds = untilSeconds;
    this.sumUp(seconds);
    // Engines that finish leave the list of shares valid: replicas are removed by `settle` only.
    this.fleet.replicas.forEach((replica, index) => {
      const progress = replica.engine.advance(seconds, shares[index] ?? 1);
      if (progress === undefined) return;
      for (const request of progress.firstTokens) this.log.firstToken(request, this.nowSeconds);
      for (const request of progress.finished) this.finish(request, replica);
    });
  }

  private sumUp(seconds: number): void {
    const isBusy = Array<boolean>(this.fleet.deviceCount).fill(false);
    for (const { engine, devices } of this.fleet.replicas) {
      if (engine.inFlight > 0) for (const device of devices) isBusy[device] = true;
    }
    this.use.busySeconds += seconds * isBusy.filter(Boolean).length;
    this.use.heldByteSeconds += seconds * this.fleet.usedBytes.reduce((sum, bytes) => sum + bytes, 0);
  }

  private finish(request: number, replica: SimulatedReplica): void {
    this.log.finished(request, this.nowSeconds);
    replica.lastUsedAtSeconds = this.nowSeconds;
    this.hasNews = true;
    if (replica.state === 'draining' && replica.engine.inFlight === 0) this.fleet.unload(replica, this.nowSeconds);
  }

  private arrive(): void {
    for (;;) {
      const request = this.workload.requests[this.nextArrival];
      if (request === undefined || request.atSeconds > this.nowSeconds) return;
      this.waiting.add(this.nextArrival);
      this.policy.hear(request);
      this.nextArrival += 1;
      this.hasNews = true;
    }
  }

  private settled(replica: SimulatedReplica): void {
    this.hasNews = true;
    if (replica.state !== 'ready' || this.serves(replica.model, replica)) return;
    this.coldWait(this.waiting.oldestWaitSeconds(replica.model, this.nowSeconds));
  }

  private expire(): void {
    const { coldWaitSeconds, models } = this.scenario;
    if (this.waiting.expiresAtSeconds(coldWaitSeconds) > this.nowSeconds) return;
    for (let model = 0; model < models.length; model += 1) {
      for (;;) {
        const index = this.waiting.expired(model, coldWaitSeconds, this.nowSeconds);
        if (index === undefined) break;
        this.log.expired(index, this.nowSeconds);
        this.hasNews = true;
        if (this.serves(model)) continue;
        this.use.expiredCold += 1;
        this.coldWait(coldWaitSeconds);
      }
    }
  }

  private decide(): void {
    if (!this.hasNews || this.nowSeconds < this.decidesAtSeconds()) return;
    this.decidedAtSeconds = this.nowSeconds;
    const { nowSeconds, fleet, waiting } = this;
    const { start, leave, end } = this.policy.decide({ nowSeconds, fleet, waiting });
    for (const replica of leave) this.fleet.drain(replica, this.nowSeconds);
    for (const replica of end) this.end(replica);
    for (const home of start) this.fleet.start(home, this.nowSeconds);
    // What waits gets more urgent by waiting alone; who decides at each change hears of nothing new by that.
    this.hasNews = start.length + leave.length + end.length > 0 || (this.policy.everySeconds > 0 && this.waiting.isAny);
  }

  /** What it works on goes back to the head of its queue, in order of arrival. */
  private end(replica: SimulatedReplica): void {
    const handed = replica.engine.handOver().sort((a, b) => b.request - a.request);
    for (const { request, deliveredTokens } of handed) {
      this.delivered.set(request, (this.delivered.get(request) ?? 0) + deliveredTokens);
      this.waiting.putBack(request, this.nowSeconds);
    }
    this.fleet.drain(replica, this.nowSeconds);
  }

  /** First in, first out for each model, to the replica with the least work. */
  private dispatch(): void {
    for (let model = 0; model < this.scenario.models.length; model += 1) {
      for (let index = this.waiting.first(model); index !== undefined; index = this.waiting.first(model)) {
        const request = this.workload.requests[index];
        const replica = request && this.leastBusy(request);
        if (request === undefined || replica === undefined) break;
        this.waiting.shift(model);
        replica.engine.take(index, request, this.delivered.get(index));
        replica.lastUsedAtSeconds = this.nowSeconds;
        this.log.taken(index, this.nowSeconds);
      }
    }
  }

  /** Of the replicas of its model that have room for it. */
  private leastBusy(request: SimulatedRequest): SimulatedReplica | undefined {
    let best: SimulatedReplica | undefined;
    for (const replica of this.fleet.replicas) {
      if (replica.model !== request.model || replica.state !== 'ready' || !replica.engine.hasRoomFor(request)) continue;
      if (best === undefined || replica.engine.inFlight < best.engine.inFlight) best = replica;
    }
    return best;
  }

  private serves(model: number, except?: SimulatedReplica): boolean {
    return this.fleet.replicas.some((one) => one.model === model && one.state === 'ready' && one !== except);
  }

  private coldWait(seconds: number): void {
    this.use.longestColdWaitSeconds = Math.max(this.use.longestColdWaitSeconds, seconds);
  }
}
