import autocannon from 'autocannon';
import type { LoadOrder, LoadResult } from './load-order.js';

const END_OF_STREAM = 'data: [DONE]\n\n';
/** Seconds until autocannon gives a request up. */
const TIMEOUT_SECONDS = 60;

/** As many requests as get through: each connection asks again as soon as it has its answer. */
export async function runSaturation(order: LoadOrder & { kind: 'saturation' }): Promise<LoadResult> {
  const { endpoint, connections, seconds } = order;
  const result = await autocannon({
    url: `http://${endpoint.host}:${String(endpoint.port)}/v1/chat/completions`,
    method: 'POST',
    headers: { 'content-type': 'application/json', ...endpoint.headers },
    body: endpoint.body,
    connections,
    duration: seconds,
    timeout: TIMEOUT_SECONDS,
    verifyBody: (body) => body.endsWith(END_OF_STREAM),
  });
  const { p50, p99, max } = result.latency;
  const broken = result.mismatches + result.errors;
  return {
    complete: result['2xx'] - result.mismatches,
    broken: broken + result.non2xx,
    ...(broken + result.non2xx > 0 && { problem: problemOf(result) }),
    seconds: result.duration,
    latencyMs: { p50, p99, max },
  };
}

function problemOf({ mismatches, errors, timeouts, non2xx }: autocannon.Result): string {
  return [
    `${String(mismatches)} ended without [DONE]`,
    `${String(non2xx)} had another status than 2xx`,
    `${String(errors)} failed, ${String(timeouts)} of them by time`,
  ].join(', ');
}
