import autocannon from 'autocannon';
import type { Counting, LoadOrder, LoadResult } from './load-order.js';

const END_OF_STREAM = 'data: [DONE]\n\n';
/** Until every connection is at another place of its answer. */
const RAMP_UP_SECONDS = 1;
/** Seconds until autocannon gives a request up. */
const TIMEOUT_SECONDS = 60;

/**
 * As many requests as get through: each connection asks again as soon as it has its answer.
 * Counts the answers that end between the ramp-up and the end, so that those under way at the end take nothing away.
 */
export async function runSaturation(
  order: LoadOrder & { kind: 'saturation' },
  tell: (counting: Counting) => void,
): Promise<LoadResult> {
  const { endpoint, connections, seconds } = order;
  const window = new CountingWindow(tell);
  setTimeout(() => window.open(), RAMP_UP_SECONDS * 1_000);
  setTimeout(() => window.close(), (RAMP_UP_SECONDS + seconds) * 1_000);
  const result = await autocannon({
    url: `http://${endpoint.host}:${String(endpoint.port)}/v1/chat/completions`,
    method: 'POST',
    headers: { 'content-type': 'application/json', ...endpoint.headers },
    body: endpoint.body,
    connections,
    duration: RAMP_UP_SECONDS + seconds,
    timeout: TIMEOUT_SECONDS,
    verifyBody: (body) => window.count(body),
  });
  const { p50, p99, max } = result.latency;
  const broken = result.mismatches + result.errors + result.non2xx;
  return {
    complete: window.complete,
    broken,
    ...(broken > 0 && { problem: problemOf(result) }),
    seconds: window.seconds,
    latencyMs: { p50, p99, max },
  };
}

/** Counts whole answers while it is open. */
class CountingWindow {
  complete = 0;
  seconds = 0;
  private openedAtMs: number | undefined;

  constructor(private readonly tell: (counting: Counting) => void) {}

  open(): void {
    this.openedAtMs = performance.now();
    this.tell('begins');
  }

  /** Answers whether the body is whole. */
  count(body: string): boolean {
    const whole = body.endsWith(END_OF_STREAM);
    if (whole && this.openedAtMs !== undefined) this.complete += 1;
    return whole;
  }

  close(): void {
    this.seconds = (performance.now() - (this.openedAtMs ?? 0)) / 1_000;
    this.openedAtMs = undefined;
    this.tell('ends');
  }
}

function problemOf({ mismatches, errors, timeouts, non2xx }: autocannon.Result): string {
  return [
    `${String(mismatches)} ended without [DONE]`,
    `${String(non2xx)} had another status than 2xx`,
    `${String(errors)} failed, ${String(timeouts)} of them by time`,
  ].join(', ');
}
