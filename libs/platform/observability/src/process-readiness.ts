/** A check that takes longer counts as failed. */
const CHECK_TIMEOUT_MS = 1_000;

/** Why something that a process needs is not there; undefined when it is. */
export type ReadinessCheck = () => Promise<string | undefined>;

/** Whether a process can serve: it has started, is not stopping, and what it needs answers. Owns the checks. */
export class ProcessReadiness {
  private phase: 'starting' | 'serving' | 'stopping' = 'starting';
  private readonly checks: ReadinessCheck[] = [];

  /** Asked at every probe, while the process serves. */
  require(check: ReadinessCheck): void {
    this.checks.push(check);
  }

  serve(): void {
    if (this.phase === 'starting') this.phase = 'serving';
  }

  stop(): void {
    this.phase = 'stopping';
  }

  /** Empty when the process can serve. */
  readonly reasons = async (): Promise<string[]> => {
    const own = this.phase === 'serving' ? [] : [`it is ${this.phase}`];
    const found = this.phase === 'stopping' ? [] : await Promise.all(this.checks.map((check) => check()));
    return [...own, ...found.filter((reason) => reason !== undefined)];
  };
}

/** Asks a store and says why it does not count as reachable. Its own words may name hosts, so they are left out. */
export async function checkInTime<T>(store: string, work: Promise<T>): Promise<{ problem?: string; answer?: T }> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), CHECK_TIMEOUT_MS);
  });
  try {
    return { answer: await Promise.race([work, timeout]) };
  } catch {
    return { problem: `${store} is out of reach` };
  } finally {
    clearTimeout(timer);
  }
}
