import { Client } from 'pg';

export interface UsageRow {
  promptTokens: number;
  completionTokens: number;
  attempts: number;
  outcome: string;
}

/** Waits for the usage row of a job: it is written shortly after the answer has ended. */
export async function usageOf(databaseUrl: string, jobId: string): Promise<UsageRow> {
  const client = new Client(databaseUrl);
  await client.connect();
  try {
    for (;;) {
      const { rows } = await client.query<UsageRow>(
        `SELECT prompt_tokens::int AS "promptTokens", completion_tokens::int AS "completionTokens", attempts, outcome
         FROM usage_records WHERE job_id = $1`,
        [jobId],
      );
      if (rows[0]) return rows[0];
    }
  } finally {
    await client.end();
  }
}
