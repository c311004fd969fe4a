import type { RunnerPlaces } from './fleet-index.js';
import { better, layOutOnRunner, layOutOverRunners, toCandidate, type Candidate } from './lay-out.js';
import type { Question } from './question.js';
import type { Rung } from './rungs.js';

/** The best place that is free now, on the first rung that has any. */
export function pickNow(question: Question): Candidate | undefined {
  for (const rung of question.rungs) {
    const best = pickOnRung(question, rung);
    if (best !== undefined) return best;
  }
  return undefined;
}

/** The same on one runner alone. */
export function pickOnRunner(question: Question, runner: RunnerPlaces): Candidate | undefined {
  const { ledger } = question.judgement;
  for (const rung of question.rungs) {
    if (rung.layout === 'several_runners') continue;
    const best = layOutOnRunner(question, rung, { runner, freeBytes: (place) => ledger.freeBytes(place) });
    if (best !== undefined) return best;
  }
  return undefined;
}

/** The best place once the memory that is coming free has come. */
export function pickSoon(question: Question): Candidate | undefined {
  const { ledger } = question.judgement;
  const runners = ledger.runnersWithComingMemory();
  const freeBytes = (place: RunnerPlaces['places'][number]) => ledger.freeSoonBytes(place, question.wish.deploymentId);
  for (const rung of runners.length === 0 ? [] : question.rungs) {
    if (rung.layout === 'several_runners') continue;
    const candidates = runners.map((runner) => layOutOnRunner(question, rung, { runner, freeBytes }));
    const best = candidates.reduce(better, undefined);
    if (best !== undefined) return best;
  }
  return undefined;
}

function pickOnRung(question: Question, rung: Rung): Candidate | undefined {
  const { pools, ledger } = question.judgement;
  const freeBytes = (place: RunnerPlaces['places'][number]) => ledger.freeBytes(place);
  let best: Candidate | undefined;
  for (const pool of pools.all) {
    const verdict = question.verdict(pool, rung);
    if (!verdict.takes) continue;
    switch (rung.layout) {
      case 'one_device':
        best = better(best, pickOneDevice(question, rung, pool));
        break;
      case 'several_runners':
        best = better(best, layOutOverRunners(question, rung, { pool, freeBytes }));
        break;
      case 'device_group':
      case 'cpu_offload':
        for (const runner of pool.runners) best = better(best, layOutOnRunner(question, rung, { runner, freeBytes }));
        break;
    }
  }
  return best;
}

/** The index of free bytes answers without a look at each device. */
function pickOneDevice(
  question: Question,
  rung: Rung,
  pool: Parameters<Question['verdict']>[0],
): Candidate | undefined {
  const verdict = question.verdict(pool, rung);
  if (!verdict.takes) return undefined;
  const [needBytes = 0] = verdict.need.deviceBytes;
  const place = pool.tightest(needBytes, (candidate) => question.accepts(candidate));
  if (place === undefined) return undefined;
  const freeBytes = question.judgement.ledger.freeBytes(place);
  return toCandidate('one_device', verdict.need, [{ place, needBytes, freeBytes }]);
}
