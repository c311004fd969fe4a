import { newId } from '@millrace/platform/ids';
import type { DataSource } from 'typeorm';

export interface JoiningRunner {
  joinTokenHash: string;
  name: string;
  labels: Readonly<Record<string, string>>;
  credentialHash: string;
  /** A process of this name is connected now. */
  isConnected?: boolean;
}

/** Join tokens, and the identity of runners. */
export class RunnerStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Makes the join token valid; idempotent by its hash. */
  async ensureJoinToken(token: { prefix: string; secretHash: string }): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO join_tokens (id, prefix, secret_hash) VALUES ($1, $2, $3) ON CONFLICT (secret_hash) DO NOTHING`,
      [newId('jtk'), token.prefix, token.secretHash],
    );
  }

  /**
   * Exchanges a join token for an identity. A runner that joins again under its name keeps its id;
   * its former credential ends, so it may not be connected under that name. `refused` and `taken` say why in one
   * sentence.
   */
  async joinRunner(runner: JoiningRunner): Promise<{ runnerId: string } | { refused: string } | { taken: string }> {
    const [token] = await this.dataSource.query<{ revoked: boolean; expired: boolean }[]>(
      `SELECT revoked, coalesce(expires_at <= now(), false) AS expired FROM join_tokens WHERE secret_hash = $1`,
      [runner.joinTokenHash],
    );
    if (token === undefined) return { refused: 'The join token is not known: create one and give it to the runner.' };
    if (token.revoked) return { refused: 'The join token is revoked: create a new one.' };
    if (token.expired) return { refused: 'The join token has expired: create a new one.' };
    if (runner.isConnected === true) {
      return {
        taken: `A runner named "${runner.name}" is connected: stop it, or set MILLRACE_RUNNER_NAME to another.`,
      };
    }
    const [row] = await this.dataSource.query<[{ id: string }]>(
      `INSERT INTO runners (id, name, labels, credential_hash) VALUES ($1, $2, $3::jsonb, $4)
       ON CONFLICT (name) DO UPDATE SET labels = excluded.labels, credential_hash = excluded.credential_hash
       RETURNING id`,
      [newId('run'), runner.name, JSON.stringify(runner.labels), runner.credentialHash],
    );
    return { runnerId: row.id };
  }

  async findRunnerByCredential(credentialHash: string): Promise<{ runnerId: string; name: string } | undefined> {
    const [row] = await this.dataSource.query<{ id: string; name: string }[]>(
      'SELECT id, name FROM runners WHERE credential_hash = $1',
      [credentialHash],
    );
    return row && { runnerId: row.id, name: row.name };
  }

  /** Ids of the deployments that each of the runners has an assignment of; one that is not there is left out. */
  async hostedDeployments(runnerIds: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    const rows = await this.dataSource.query<{ id: string; hosted: string[] }[]>(
      `SELECT id, array(SELECT DISTINCT deployment_id FROM assignments WHERE runner_id = runners.id) AS hosted
       FROM runners WHERE id = ANY($1)`,
      [runnerIds],
    );
    return new Map(rows.map(({ id, hosted }) => [id, new Set(hosted)]));
  }
}
