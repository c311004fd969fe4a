import type { SamplingName, SamplingParameters } from '@millrace/contracts/openai';

/** What a change says about an agent's sampling: null clears all of it or the one it stands for; what is left out stays. */
export type SamplingChanges = { [Name in SamplingName]?: SamplingParameters[Name] | null | undefined } | null;

/** An agent's sampling after a change. */
export function changeSampling(sampling: SamplingParameters, changes: SamplingChanges | undefined): SamplingParameters {
  if (changes === null) return {};
  const changed = Object.entries(changes ?? {}).filter(([, value]) => value !== undefined);
  const merged = Object.entries({ ...sampling, ...Object.fromEntries(changed) });
  return Object.fromEntries(merged.filter(([, value]) => value !== null));
}
