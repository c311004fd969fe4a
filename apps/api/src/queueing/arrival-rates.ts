/** A rate follows a change within about this long. */
const MEMORY_MS = 30_000;

/** Jobs that arrive, and the tokens they are estimated to cost. */
export interface Arrivals {
  arrivalsPerSecond: number;
  arrivalTokensPerSecond: number;
}

/** The rates of one deployment, as they were at `atMs`; they fade while nothing arrives. */
interface Fading extends Arrivals {
  atMs: number;
}

/** Measures how fast jobs come for each deployment; costs an addition per job. Fed by the JobOwner only. */
export class ArrivalRates {
  private readonly rates = new Map<string, Fading>();

  arrive(deploymentId: string, tokens: number, nowMs: number): void {
    const { arrivalsPerSecond, arrivalTokensPerSecond } = faded(this.rates.get(deploymentId), nowMs);
    const perSecond = 1_000 / MEMORY_MS;
    this.rates.set(deploymentId, {
      arrivalsPerSecond: arrivalsPerSecond + perSecond,
      arrivalTokensPerSecond: arrivalTokensPerSecond + tokens * perSecond,
      atMs: nowMs,
    });
  }

  measure(deploymentId: string, nowMs: number): Arrivals {
    return faded(this.rates.get(deploymentId), nowMs);
  }

  /** Deployments that anything ever came for. */
  deployments(): Iterable<string> {
    return this.rates.keys();
  }
}

function faded(rate: Fading | undefined, nowMs: number): Arrivals {
  if (rate === undefined) return { arrivalsPerSecond: 0, arrivalTokensPerSecond: 0 };
  const share = Math.exp((rate.atMs - nowMs) / MEMORY_MS);
  return {
    arrivalsPerSecond: rate.arrivalsPerSecond * share,
    arrivalTokensPerSecond: rate.arrivalTokensPerSecond * share,
  };
}
