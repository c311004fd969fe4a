import { setTimeout as wait } from 'node:timers/promises';
import { CatalogueStore, connectPostgres } from '@millrace/adapters/postgres';
import { chatBody, type SimulatedModel } from '../workload.js';
import type { Millrace } from './start-millrace.js';

const LIMIT_MS = 60_000;
const RETRY_MS = 250;

/** Makes millrace serve this model on the simulated engine instead of what it serves now, and waits for an answer. */
export async function serveModel(millrace: Millrace, model: SimulatedModel): Promise<void> {
  const dataSource = await connectPostgres(millrace.databaseUrl, { applicationName: 'millrace bench', poolSize: 1 });
  try {
    await new CatalogueStore(dataSource).ensureStarterDeployment({ ...model, engine: 'simulated' });
  } finally {
    await dataSource.destroy();
  }
  await untilAnswered(millrace, model.name);
}

async function untilAnswered(millrace: Millrace, model: string): Promise<void> {
  const deadlineMs = performance.now() + LIMIT_MS;
  let problem = '';
  while (performance.now() < deadlineMs) {
    const response = await fetch(`${millrace.baseUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${millrace.apiKey}`, 'content-type': 'application/json' },
      body: chatBody(model, 1),
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    problem = await response.text();
    if (response.ok && problem.includes('[DONE]')) return;
    await wait(RETRY_MS);
  }
  throw new Error(`millrace does not serve the model "${model}" of the simulated engine: ${problem}`);
}
