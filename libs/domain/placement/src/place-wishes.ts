import { DevicePools } from './device-pools.js';
import { DeviceTime } from './device-time.js';
import { end, type Endings } from './decide-stops.js';
import { explain, type Pending } from './explain.js';
import type { FleetIndex } from './fleet-index.js';
import { homesOf, type Homes } from './homes.js';
import type { Candidate, Share } from './lay-out.js';
import { Ledger, type LedgerLine } from './ledger.js';
import { cheapestSwap, isWorthIt, type Swap } from './make-room.js';
import { pickNow, pickOnRunner, pickSoon } from './pick-place.js';
import type { Drain, EstimateWish, PassedOver, Plan, Start, StartReason, Stop, Unplaced } from './plan.js';
import type { Quarantine } from './quarantine.js';
import { Question, type Judgement } from './question.js';
import { askOf, type Ask } from './urgency.js';
import { AskQueue } from './ask-queue.js';
import { swapsUnderWay } from './swaps-under-way.js';
import { findVictims, servingReplicas, type Victim, type Victims } from './victims.js';
import { wantedEstimates } from './wanted-estimates.js';
import type { Wish } from './wish.js';

/** The run of one plan through all wishes, the most urgent first; owns the ledger and the fresh ids. */
export class Placing {
  private readonly start: Start[] = [];
  private readonly evicted: { stop: Stop[]; drain: Drain[] } = { stop: [], drain: [] };
  private readonly unplaced = new Map<string, Unplaced>();
  private readonly passedOver: PassedOver[] = [];
  private readonly judgement: Judgement;
  private readonly homes = new Map<string, Homes>();
  private readonly awaited = new Map<string, Share[][]>();
  private readonly questions = new Map<Wish, Question>();
  private readonly asks: AskQueue;
  private serving = new Map<string, number>();
  private victims: Victims | undefined;
  private underWay: ReadonlySet<string> | undefined;

  constructor(
    private readonly fleet: FleetIndex,
    private readonly lines: readonly LedgerLine[],
    private readonly before: { kept: Endings['kept']; quarantine: Quarantine },
  ) {
    const ledger = new Ledger(fleet, lines);
    const pools = new DevicePools(fleet, ledger);
    const time = new DeviceTime(fleet, before.kept);
    this.judgement = { fleet, ledger, pools, quarantine: before.quarantine, time };
    this.asks = new AskQueue(fleet.wishes.flatMap((wish) => this.nextAsk(wish) ?? []));
  }

  placeAll(): Pick<Plan, 'start' | 'stop' | 'drain' | 'unplaced' | 'passedOver'> {
    for (let ask = this.asks.next(); ask !== undefined; ask = this.asks.next()) this.answer(ask);
    for (const wish of this.fleet.wishes) if (wish.perRunner && !wish.paused) this.placeOnOtherRunners(wish);
    const unplaced = this.fleet.wishes.flatMap(({ deploymentId }) => this.unplaced.get(deploymentId) ?? []);
    return { start: this.start, ...this.evicted, unplaced, passedOver: this.passedOver };
  }

  /** Dry runs that are needed before more can be decided. */
  wantedEstimates(): EstimateWish[] {
    return wantedEstimates(this.fleet, this.judgement.pools);
  }

  /** What the wish asks for, counting what it has, what starts and what it waits for. */
  private nextAsk(wish: Wish): Ask | undefined {
    const waiting = this.awaited.get(wish.deploymentId)?.length ?? 0;
    const own = this.homes.get(wish.deploymentId)?.count ?? this.before.kept.get(wish.deploymentId)?.length ?? 0;
    return askOf(this.fleet, wish, own + waiting);
  }

  /** Places what is missing, one by one: now, or where memory is coming free, or in the place of others. */
  private answer(ask: Ask): void {
    const { wish } = ask;
    const question = this.question(wish);
    for (let missing = ask.missing; missing > 0; missing -= 1) {
      const now = wish.perRunner ? this.firstRunnerThatTakes(question) : pickNow(question);
      if (now !== undefined) {
        this.startOn(question, now, ask.part);
        continue;
      }
      const { waits, tooDear } = this.waitForRoom(question, ask);
      if (!waits) return this.leaveOpen(question, ask, { missing, tooDear });
    }
    if (this.awaited.has(wish.deploymentId)) this.leaveOpen(question, ask, { missing: 0 });
    const next = this.nextAsk(wish);
    if (next !== undefined) this.asks.put(next);
  }

  /** One replica on each runner that takes it, in the order of their ids. */
  private placeOnOtherRunners(wish: Wish): void {
    const question = this.question(wish);
    const homes = this.homesOf(wish);
    for (const runner of this.fleet.runners) {
      if (homes.count >= wish.maxReplicas) break;
      const candidate = homes.hasRunner(runner.runner.runnerId) ? undefined : pickOnRunner(question, runner);
      if (candidate !== undefined) this.startOn(question, candidate, 'per_runner');
    }
    if (homes.count < wish.minReplicas || homes.count >= wish.maxReplicas) return;
    const explanation = explain(question);
    const rejected = explanation.rejected.filter(({ reason }) => reason !== 'runner_has_replica');
    if (rejected.length > 0) this.passedOver.push({ ...explanation, rejected });
  }

  private firstRunnerThatTakes(question: Question): Candidate | undefined {
    for (const runner of this.fleet.runners) {
      const candidate = pickOnRunner(question, runner);
      if (candidate !== undefined) return candidate;
    }
    return undefined;
  }

  /** Keeps a place whose memory comes free, or evicts whom it is worth to evict; else the wish stays unmet. */
  private waitForRoom(question: Question, ask: Ask): { waits: boolean; tooDear?: Swap | undefined } {
    const soon = pickSoon(question);
    if (soon !== undefined) {
      this.awaitRoom(question.wish, soon);
      return { waits: true };
    }
    if (ask.part === 'demand' && !this.maySwap()) return { waits: false };
    const swap = this.findSwap(question, ask);
    if (swap === undefined || !isWorthIt(ask, swap)) return { waits: false, tooDear: swap };
    for (const victim of swap.victims) this.evict(victim, ask, swap);
    this.awaitRoom(question.wish, swap.candidate);
    return { waits: true };
  }

  /** Memory serves nobody while it changes hands: only a share of the fleet does so at once. */
  private maySwap(): boolean {
    const { policy, places } = this.fleet;
    const evictions = [...this.evicted.stop, ...this.evicted.drain];
    const decided = evictions.flatMap(({ eviction }) => eviction?.forDeploymentId ?? []);
    this.underWay ??= swapsUnderWay(this.fleet, this.lines);
    const underWay = new Set([...this.underWay, ...decided]);
    return underWay.size < Math.max(1, Math.floor(places.length * policy.swapShare));
  }

  private findSwap(question: Question, ask: Ask): Swap | undefined {
    if (this.victims === undefined) {
      this.victims = findVictims(this.fleet, { kept: this.before.kept, lines: this.lines });
      this.serving = servingReplicas(this.fleet, this.before.kept);
    }
    const spare = (deploymentId: string) =>
      (this.serving.get(deploymentId) ?? 0) - (this.fleet.wish(deploymentId)?.minReplicas ?? 0);
    return cheapestSwap(question, ask, { victims: this.victims, spare });
  }

  /** The victim's memory goes to the one that asks; its own wish asks again, later. */
  private evict(victim: Victim, ask: Ask, { costSeconds }: Swap): void {
    const { assignment, wish, lines } = victim;
    const forDeploymentId = ask.wish.deploymentId;
    const { waitingSeconds } = ask;
    const main = lines.find(({ place }) => place.device.deviceKey === assignment.deviceKey);
    const eviction = { forDeploymentId, freesBytes: main?.bytes ?? 0, costSeconds, waitingSeconds };
    end(this.evicted, this.fleet, { assignment, reason: 'evicted', eviction });
    for (const { place, bytes } of lines) this.judgement.ledger.expect(place, bytes, forDeploymentId);
    this.victims?.remove(victim);
    this.serving.set(wish.deploymentId, (this.serving.get(wish.deploymentId) ?? 0) - 1);
    const { time } = this.judgement;
    const places = lines.map(({ place }) => place);
    time.add(places, -time.shareOf(wish.deploymentId, this.homesOf(wish).count));
    this.homesOf(wish).remove(assignment.replicaId);
    const next = this.nextAsk(wish);
    if (next !== undefined) this.asks.put(next);
  }

  private awaitRoom({ deploymentId }: Wish, { shares }: Candidate): void {
    const { time } = this.judgement;
    const places = shares.map(({ place }) => place);
    time.add(places, time.shareOf(deploymentId, 1 + (this.homes.get(deploymentId)?.count ?? 0)));
    for (const { place, needBytes } of shares) this.judgement.ledger.earmark(place, needBytes);
    this.awaited.set(deploymentId, [...(this.awaited.get(deploymentId) ?? []), [...shares]]);
  }

  private leaveOpen(question: Question, ask: Ask, open: { missing: number; tooDear?: Swap | undefined }): void {
    const { deploymentId } = question.wish;
    const awaited = this.awaited.get(deploymentId) ?? [];
    const { waitingSeconds } = ask;
    const pending: Pending = {
      awaited: awaited.flat(),
      ...(open.tooDear !== undefined && { tooDear: { swap: open.tooDear, waitingSeconds } }),
    };
    const unmet = { missing: open.missing + awaited.length, part: ask.part };
    this.unplaced.set(deploymentId, { ...explain(question, pending), ...unmet });
  }

  private startOn(question: Question, candidate: Candidate, reason: StartReason): void {
    const { wish } = question;
    const replicaId = this.fleet.snapshot.freshReplicaIds[this.start.length];
    if (replicaId === undefined) throw new Error('The snapshot has fewer fresh replica ids than replicas to start.');
    for (const { place, needBytes } of candidate.shares) this.judgement.ledger.reserve(place, needBytes);
    const places = candidate.shares.map(({ place }) => place);
    const { time } = this.judgement;
    time.add(places, time.shareOf(wish.deploymentId, this.homesOf(wish).count + 1));
    this.homesOf(wish).add(replicaId, { places, serves: false });
    const settings = this.fleet.settings(wish);
    this.start.push(toStart(wish, candidate, { replicaId, reason, settings }));
  }

  private homesOf({ deploymentId }: Wish): Homes {
    const homes = this.homes.get(deploymentId) ?? homesOf(this.fleet, this.before.kept.get(deploymentId) ?? []);
    this.homes.set(deploymentId, homes);
    return homes;
  }

  private question(wish: Wish): Question {
    const question = this.questions.get(wish) ?? new Question(this.judgement, wish, this.homesOf(wish));
    this.questions.set(wish, question);
    return question;
  }
}

function toStart(
  wish: Wish,
  { layout, need, shares, score }: Candidate,
  as: Pick<Start, 'replicaId' | 'reason' | 'settings'>,
): Start {
  const [main, ...peers] = shares.map(({ place: { runner, device }, needBytes, freeBytes }) => ({
    runnerId: runner.runnerId,
    deviceKey: device.deviceKey,
    needBytes,
    freeBytes,
  }));
  if (main === undefined) throw new Error('A candidate has at least one device.');
  const { contextLength, slots, footprint } = need.footprint;
  return {
    ...as,
    ...main,
    deploymentId: wish.deploymentId,
    layout,
    basis: footprint.basis,
    peers,
    spec: {
      ...wish.spec,
      contextLength: wish.spec.contextLength === 0 ? contextLength : wish.spec.contextLength,
      slots: wish.spec.slots === 0 ? slots : wish.spec.slots,
    },
    score,
  };
}
