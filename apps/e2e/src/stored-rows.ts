import { Client, type QueryResultRow } from 'pg';

export interface UsageRow {
  promptTokens: number;
  completionTokens: number;
  attempts: number;
  outcome: string;
}

/** Waits for the usage row of a job: it is written shortly after the answer has ended, or when Postgres is back. */
export async function usageOf(databaseUrl: string, jobId: string): Promise<UsageRow> {
  for (;;) {
    const rows = await query<UsageRow>(
      databaseUrl,
      `SELECT prompt_tokens::int AS "promptTokens", completion_tokens::int AS "completionTokens", attempts, outcome
       FROM usage_records WHERE job_id = '${jobId}'`,
    ).catch(nothingWhileAway);
    if (rows[0]) return rows[0];
  }
}

/** Asks Postgres over a connection of its own. */
export async function query<Row extends QueryResultRow>(databaseUrl: string, statement: string): Promise<Row[]> {
  const client = new Client(databaseUrl);
  // A server that dies tells so here as well; the query itself rejects.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<Row>(statement)).rows;
  } finally {
    await client.end();
  }
}

/** Refused, reset or starting up: the server is being started again. Anything else is the test's fault. */
function nothingWhileAway(error: unknown): never[] {
  const { code } = error as { code?: string };
  if (code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === '57P03' || code === '57P01') return [];
  throw error;
}
