import { addTenants } from './installation/add-tenants.js';
import { serveModel } from './installation/serve-model.js';
import { LoadGenerator } from './load/load-generator.js';
import type { LoadResult } from './load/load-order.js';
import { measureLimits } from './measure-limits.js';
import { millraceWith } from './open-contenders.js';
import { median } from './report/median-values.js';
import type { Bench } from './run-scenarios.js';
import { STEADY_MODEL } from './workload.js';

const PER_SECOND = 50;
const MANY = { tenants: 10_000, keys: 100_000, used: 100 };
const QUICK = { tenants: 100, keys: 1_000, used: 10 };
const WRONG_KEYS_PER_SECOND = 2_000;

/** First token at 50 requests a second, p50 in milliseconds; medians of the rounds. */
export interface KeyFigures {
  tenants: number;
  keys: number;
  /** With the one tenant and key of a fresh installation. */
  withOneTenantMs: number;
  withManyTenantsMs: number;
  /** With many tenants, while somebody guesses keys. */
  beside: { wrongKeysMs: number; refusedPerSecond: number };
  broken: number;
  /** One check of all limits, p50. */
  limitsCheckMs: number;
}

/** What many tenants, a storm of wrong keys and limits cost a valid caller. */
export async function measureKeys({ millrace, generator, options, say, opened }: Bench): Promise<KeyFigures> {
  await serveModel(millrace, STEADY_MODEL);
  const { endpoint } = await millraceWith(millrace, STEADY_MODEL);
  const stranger = new LoadGenerator();
  opened.add(() => stranger.stop());
  const rounds = Array.from({ length: options.rounds });
  const { seconds } = options;
  const ask = async (keys?: readonly string[]) => {
    const used = { ...endpoint, ...(keys && { keys }) };
    return generator.run({ kind: 'rate', endpoint: used, perSecond: PER_SECOND, seconds });
  };
  say('keys: one tenant');
  await ask();
  const one: LoadResult[] = [];
  for (const _ of rounds) one.push(await ask());
  const { used, ...many } = options.quick ? QUICK : MANY;
  say(`keys: adding ${String(many.tenants)} tenants with ${String(many.keys)} keys`);
  const keys = await addTenants(millrace, { ...many, used });
  await ask(keys);
  const calm: LoadResult[] = [];
  const stormy: LoadResult[] = [];
  const storms: LoadResult[] = [];
  for (const _ of rounds) {
    say('keys: many tenants');
    calm.push(await ask(keys));
    say('keys: many tenants beside wrong keys');
    const storm = stranger.run({ kind: 'wrong-keys', endpoint, perSecond: WRONG_KEYS_PER_SECOND, seconds });
    stormy.push(await ask(keys));
    storms.push(await storm);
  }
  await opened.run();
  say('keys: limits');
  const limitsCheckMs = await measureLimits(millrace);
  const p50 = (results: LoadResult[]) => median(results.map(({ latencyMs }) => latencyMs.p50));
  return {
    ...many,
    withOneTenantMs: p50(one),
    withManyTenantsMs: p50(calm),
    beside: { wrongKeysMs: p50(stormy), refusedPerSecond: median(storms.map((all) => all.complete / all.seconds)) },
    limitsCheckMs,
    broken: [...one, ...calm, ...stormy, ...storms].reduce((sum, { broken }) => sum + broken, 0),
  };
}
