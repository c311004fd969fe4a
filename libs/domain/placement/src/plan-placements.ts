import { decideEndings, learnFailures } from './decide-stops.js';
import { FleetIndex } from './fleet-index.js';
import type { FleetSnapshot } from './fleet-snapshot.js';
import { Placing } from './place-wishes.js';
import type { Plan } from './plan.js';
import { Quarantine } from './quarantine.js';
import { decideMeasurements, decideReleases, ledgerLines } from './reservations.js';

/**
 * Decides what starts, stops, drains and waits. Depends on the snapshot only: equal snapshots have equal plans,
 * and a second plan on the outcome of the first changes nothing.
 */
export function planPlacements(snapshot: FleetSnapshot): Plan {
  // 1. index: everything by key, in an order that does not depend on how it was read
  const fleet = new FleetIndex(snapshot);

  // 2. end: what has no reason to be there any more, and what failed loads teach
  const { stop, drain, kept } = decideEndings(fleet);
  const quarantine = new Quarantine(snapshot.loadFailures, snapshot.nowMs);
  const failures = learnFailures(fleet, stop, quarantine);

  // 3. settle the ledger: free what is gone, replace predictions by measurements
  const release = decideReleases(fleet, stop);
  const measure = decideMeasurements(fleet);
  const lines = ledgerLines(fleet, { stop, drain, release, measure });

  // 4. place: the most urgent wish first, each on its best device, or in the place of what is worth less
  const placing = new Placing(fleet, lines, { kept, quarantine });
  const placed = placing.placeAll();

  return {
    start: placed.start,
    stop: [...stop, ...placed.stop],
    drain: [...drain, ...placed.drain],
    release,
    measure,
    failures,
    unplaced: placed.unplaced,
    passedOver: placed.passedOver,
    estimate: placing.wantedEstimates(),
  };
}
