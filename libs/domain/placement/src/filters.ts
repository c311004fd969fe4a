import type { Place } from './fleet-index.js';
import type { RejectionReason } from './rejection.js';
import type { Wish } from './wish.js';

/** What keeps all devices of a pool from the wish. The first filter that refuses answers. */
export function refusalOfPool(wish: Wish, sample: Place): RejectionReason | undefined {
  for (const filter of POOL_FILTERS) {
    const refusal = filter(wish, sample);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** Whether a replica that stands there may stay there by the wish's constraints. */
export function mayStay(wish: Wish, place: Place): boolean {
  if (wish.placement === undefined) return true;
  return [labels, deviceType, runnerName].every((filter) => filter(wish, place) === undefined);
}

/** The wish names another runner. */
export function runnerName({ placement }: Wish, { runner }: Place): RejectionReason | undefined {
  const wanted = placement?.runner;
  if (wanted === undefined || wanted === runner.runnerId || wanted === runner.name) return undefined;
  return { reason: 'other_runner', runner: wanted };
}

type Filter = (wish: Wish, place: Place) => RejectionReason | undefined;

const runnerState: Filter = (_wish, { runner }) => {
  if (runner.health !== 'alive') return { reason: `runner_${runner.health}` };
  return runner.adminState === 'active' ? undefined : { reason: `runner_${runner.adminState}` };
};

const engine: Filter = ({ spec }, { runner }) =>
  runner.engines.includes(spec.engine)
    ? undefined
    : { reason: 'engine_missing', engine: spec.engine, offered: runner.engines };

const labels: Filter = ({ placement }, { runner }) => {
  const missing = Object.entries(placement?.labels ?? {}).find(([label, value]) => runner.labels?.[label] !== value);
  return missing === undefined ? undefined : { reason: 'label_missing', label: missing[0], value: missing[1] };
};

const deviceType: Filter = ({ placement }, { device }) => {
  const wanted = placement?.deviceType;
  if (wanted === undefined || wanted === device.deviceType) return undefined;
  return { reason: 'other_device_type', deviceType: wanted, offered: device.deviceType };
};

const POOL_FILTERS: readonly Filter[] = [runnerState, engine, labels, deviceType];
