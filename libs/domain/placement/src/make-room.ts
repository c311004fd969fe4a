import { cheapestSet } from './cheapest-set.js';
import { BUSY_SHARE } from './device-time.js';
import type { Place, RunnerPlaces } from './fleet-index.js';
import { acceptedByPool, toCandidate, type Candidate } from './lay-out.js';
import type { Question } from './question.js';
import { loadSeconds, type Need, type Rung } from './rungs.js';
import { byUrgency, type Ask } from './urgency.js';
import type { Victim, Victims } from './victims.js';

/** Devices for a replica once these victims are gone. */
export interface Swap {
  candidate: Candidate;
  victims: readonly Victim[];
  costSeconds: number;
}

/** What can be evicted, and from whom how much. */
export interface Evictable {
  victims: Victims;
  /** How many more replicas the deployment can lose. */
  spare: (deploymentId: string) => number;
}

/** The cheapest swap that makes room for one replica, on the first rung that has any. */
export function cheapestSwap(question: Question, ask: Ask, evictable: Evictable): Swap | undefined {
  const search = new SwapSearch(question, ask, evictable);
  for (const rung of question.rungs) {
    // Larger layouts wait for room that others leave.
    if (rung.layout !== 'one_device' && rung.layout !== 'device_group') continue;
    const swap = search.onRung(rung);
    if (swap !== undefined) return swap;
  }
  return undefined;
}

/** Whether the wait of the cold model costs more than its load and what it takes from others. */
export function isWorthIt(ask: Ask, { costSeconds, candidate, victims }: Swap): boolean {
  if (ask.part !== 'demand' || ask.isOverdue) return true;
  const lostJobs = victims.reduce((sum, victim) => sum + victim.lostJobs, 0);
  if (ask.gainedJobs <= lostJobs * LOSS_WEIGHT) return false;
  return ask.waitingSeconds > costSeconds + loadSeconds(candidate.need.footprint);
}

/** Only who asks later, once it has lost the replica, can lose it: so no two wishes take from each other in turn. */
function goesFirst(ask: Ask, victim: Victim): boolean {
  if (victim.wish === ask.wish) return false;
  return victim.loss === undefined || byUrgency(ask, victim.loss) < 0;
}

/** A swap has to serve so many times the jobs that it takes from others: memory serves nobody while it changes hands. */
const LOSS_WEIGHT = 3;
/** Harm of a device whose time is asked for twice. */
const CROWD_SECONDS = 60;

interface Cleared {
  place: Place;
  freeBytes: number;
  victims: readonly Victim[];
  costSeconds: number;
}

/** One search through the runners that have victims, the cheapest victims first. */
class SwapSearch {
  constructor(
    private readonly question: Question,
    private readonly ask: Ask,
    private readonly evictable: Evictable,
  ) {}

  /** A set with a victim costs at least that victim: the search ends at the first that is no cheaper than the best. */
  onRung(rung: Rung): Swap | undefined {
    const seen = new Set<RunnerPlaces>();
    let best: Swap | undefined;
    for (const victim of this.evictable.victims.cheapestFirst) {
      if (best !== undefined && victim.costSeconds >= best.costSeconds) break;
      if (!this.mayTake(victim)) continue;
      for (const { place } of victim.lines) {
        const runner = this.question.judgement.fleet.runner(place.runner.runnerId);
        if (runner === undefined || seen.has(runner)) continue;
        seen.add(runner);
        const swap = this.onRunner(rung, runner);
        if (swap !== undefined && (best === undefined || swap.costSeconds < best.costSeconds)) best = swap;
      }
    }
    return best;
  }

  private onRunner(rung: Rung, runner: RunnerPlaces): Swap | undefined {
    let best: Swap | undefined;
    for (const [pool, places] of acceptedByPool(this.question, runner)) {
      const verdict = this.question.verdict(pool, rung);
      if (!verdict.takes || places.length < verdict.need.deviceBytes.length) continue;
      const swap = this.onDevices(rung, verdict.need, places);
      if (swap !== undefined && (best === undefined || swap.costSeconds < best.costSeconds)) best = swap;
    }
    return best;
  }

  /** The devices that are cheapest to clear; each of a group is cleared for the group's largest share. */
  private onDevices(rung: Rung, need: Need, places: readonly Place[]): Swap | undefined {
    const [largest = 0] = need.deviceBytes;
    const cleared = places.flatMap((place) => this.clear(place, largest) ?? []);
    if (cleared.length < need.deviceBytes.length) return undefined;
    cleared.sort((a, b) => a.costSeconds - b.costSeconds || a.freeBytes - b.freeBytes || a.place.order - b.place.order);
    const chosen = cleared.slice(0, need.deviceBytes.length).sort((a, b) => a.place.order - b.place.order);
    const victims = [...new Set(chosen.flatMap((device) => device.victims))];
    if (victims.length === 0 || !this.areSpare(victims)) return undefined;
    const shares = chosen.map(({ place }, index) => ({
      place,
      needBytes: need.deviceBytes[index] ?? largest,
      freeBytes: this.question.judgement.ledger.freeBytes(place),
    }));
    const crowdSeconds =
      CROWD_SECONDS * Math.max(...chosen.map(({ place }) => this.question.crowding(place, BUSY_SHARE)));
    const costSeconds = crowdSeconds + victims.reduce((sum, victim) => sum + victim.costSeconds, 0);
    return { candidate: toCandidate(rung.layout, need, shares), victims, costSeconds };
  }

  /** The cheapest way to have so much free on the device; undefined when there is none. */
  private clear(place: Place, needBytes: number): Cleared | undefined {
    const { ledger } = this.question.judgement;
    const freeBytes = ledger.freeSoonBytes(place, this.question.wish.deploymentId);
    const crowdSeconds = CROWD_SECONDS * this.question.crowding(place, BUSY_SHARE);
    if (freeBytes >= needBytes) return { place, freeBytes, victims: [], costSeconds: crowdSeconds };
    const missingBytes = needBytes - ledger.leftSoonBytes(place, this.question.wish.deploymentId);
    const choices = this.evictable.victims.on(place).filter(({ victim }) => this.mayTake(victim));
    const set = cheapestSet(choices, { bytes: missingBytes, spare: this.evictable.spare });
    if (set === undefined) return undefined;
    return {
      place,
      freeBytes,
      victims: set.chosen.map(({ victim }) => victim),
      costSeconds: set.costSeconds + crowdSeconds,
    };
  }

  private mayTake(victim: Victim): boolean {
    return goesFirst(this.ask, victim) && this.evictable.spare(victim.wish.deploymentId) > 0;
  }

  private areSpare(victims: readonly Victim[]): boolean {
    const counts = new Map<string, number>();
    for (const { wish } of victims) counts.set(wish.deploymentId, (counts.get(wish.deploymentId) ?? 0) + 1);
    return [...counts].every(([deploymentId, count]) => count <= this.evictable.spare(deploymentId));
  }
}
