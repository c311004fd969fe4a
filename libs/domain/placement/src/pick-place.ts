import type { DevicePool } from './device-pools.js';
import { BUSY_SHARE, CALM_SHARE } from './device-time.js';
import type { Place, RunnerPlaces } from './fleet-index.js';
import { better, layOutOnRunner, layOutOverRunners, toCandidate, type Candidate } from './lay-out.js';
import type { Question } from './question.js';
import type { Need, Rung } from './rungs.js';

/**
 * The best place that is free now, on the first rung that has any; first where devices have time for it. A rung that is
 * still being estimated is waited for.
 */
export function pickNow(question: Question): Candidate | undefined {
  const { pools } = question.judgement;
  for (const rung of question.rungs) {
    const suiting =
      pickOnRung(question, rung, (place) => question.suits(place, CALM_SHARE)) ??
      pickOnRung(question, rung, (place) => question.suits(place, BUSY_SHARE));
    const best = suiting ?? pickOnRung(question, rung, (place) => question.accepts(place));
    if (best !== undefined || pools.all.some((pool) => question.isBeingEstimated(pool, rung))) return best;
  }
  return undefined;
}

type Accepts = (place: Place) => boolean;

/** The same on one runner alone. */
export function pickOnRunner(question: Question, runner: RunnerPlaces): Candidate | undefined {
  const { ledger, pools } = question.judgement;
  for (const rung of question.rungs) {
    if (rung.layout === 'several_runners') continue;
    const best = layOutOnRunner(question, rung, { runner, freeBytes: (place) => ledger.freeBytes(place) });
    const isOpen = runner.places.some((place) => question.isBeingEstimated(pools.of(place), rung));
    if (best !== undefined || isOpen) return best;
  }
  return undefined;
}

/** The best place once the memory that is coming free has come. */
export function pickSoon(question: Question): Candidate | undefined {
  const { ledger } = question.judgement;
  const runners = ledger.runnersWithComingMemory(question.wish.deploymentId);
  const freeBytes = (place: Place) => ledger.freeSoonBytes(place, question.wish.deploymentId);
  for (const rung of runners.length === 0 ? [] : question.rungs) {
    if (rung.layout === 'several_runners') continue;
    const candidates = runners.map((runner) => layOutOnRunner(question, rung, { runner, freeBytes }));
    const best = candidates.reduce(better, undefined);
    if (best !== undefined) return best;
  }
  return undefined;
}

function pickOnRung(question: Question, rung: Rung, accepts: Accepts): Candidate | undefined {
  let best: Candidate | undefined;
  for (const pool of question.judgement.pools.all) {
    const verdict = question.verdict(pool, rung);
    if (verdict.takes) best = better(best, pickInPool(question, rung, { pool, need: verdict.need, accepts }));
  }
  return best;
}

function pickInPool(
  question: Question,
  rung: Rung,
  { pool, need, accepts }: { pool: DevicePool; need: Need; accepts: Accepts },
): Candidate | undefined {
  const freeBytes = (place: Place) => question.judgement.ledger.freeBytes(place);
  if (rung.layout === 'several_runners') return layOutOverRunners(question, rung, { pool, freeBytes });
  if (rung.layout !== 'cpu_offload' && isEven(need)) return pickByIndex(question, rung, { pool, need, accepts });
  const candidates = pool.groups.map(({ runner }) => layOutOnRunner(question, rung, { runner, freeBytes }));
  return candidates.reduce(better, undefined);
}

/** The index of free bytes answers without a look at what does not fit. */
function pickByIndex(
  question: Question,
  rung: Rung,
  { pool, need, accepts }: { pool: DevicePool; need: Need; accepts: Accepts },
): Candidate | undefined {
  const [needBytes = 0] = need.deviceBytes;
  const { ledger } = question.judgement;
  const one = () => {
    const place = pool.tightest(needBytes, accepts);
    return place && [place];
  };
  const group = need.deviceBytes.length > 1 ? pool.tightestGroup(needBytes, need.deviceBytes.length, accepts) : one();
  if (group === undefined) return undefined;
  const shares = group.map((place) => ({ place, needBytes, freeBytes: ledger.freeBytes(place) }));
  return toCandidate(rung.layout, need, shares);
}

/** Whether each device of the group takes the same. */
function isEven({ deviceBytes }: Need): boolean {
  return deviceBytes.every((bytes) => bytes === deviceBytes[0]);
}
