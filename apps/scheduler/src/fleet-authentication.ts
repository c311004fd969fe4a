import type { FleetServerOptions } from '@millrace/adapters/fleet';
import type { RunnerStore } from '@millrace/adapters/postgres';
import { hashSecret } from '@millrace/domain/tenancy';
import { newSecret } from '@millrace/platform/ids';

export interface FleetAuthenticationOptions {
  runners: Pick<RunnerStore, 'joinRunner' | 'findRunnerByCredential'>;
  pepper: string;
  /** Redis with the runners' restricted user. */
  runnerRedisUrl: string;
}

/** Who may join, and whose credential it is. Secrets are hashed before they reach the store. */
export function fleetAuthentication({
  runners,
  pepper,
  runnerRedisUrl,
}: FleetAuthenticationOptions): Pick<FleetServerOptions, 'authenticateJoin' | 'authenticateRunner'> {
  return {
    async authenticateJoin({ joinToken, runnerName, labels }, { isConnected }) {
      if (runnerName === '') return { refused: 'A runner needs a name: set MILLRACE_RUNNER_NAME.' };
      const credential = newSecret('runner');
      const joined = await runners.joinRunner({
        joinTokenHash: hashSecret(pepper, joinToken),
        name: runnerName,
        labels,
        credentialHash: hashSecret(pepper, credential),
        isConnected,
      });
      return 'refused' in joined || 'taken' in joined ? joined : { ...joined, credential, redisUrl: runnerRedisUrl };
    },
    authenticateRunner: (credential) => runners.findRunnerByCredential(hashSecret(pepper, credential)),
  };
}
