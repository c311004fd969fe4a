import { connectPostgres, TenancyStore } from '@millrace/adapters/postgres';
import { storedSecret } from '@millrace/domain/tenancy';
import { newSecret } from '@millrace/platform/ids';
import type { Millrace } from './start-millrace.js';

/**
 * Adds tenants with keys to millrace's database, and answers `used` keys that work, of tenants all over the table;
 * nobody knows the secrets of the others.
 */
export async function addTenants(
  { databaseUrl, pepper }: Millrace,
  wish: { tenants: number; keys: number; used: number },
): Promise<string[]> {
  const dataSource = await connectPostgres(databaseUrl, { applicationName: 'millrace bench', poolSize: 1 });
  try {
    await dataSource.query(
      `INSERT INTO tenants (id, name) SELECT 'ten_bench' || n, 'bench ' || n FROM generate_series(1, $1::integer) AS n`,
      [wish.tenants],
    );
    await dataSource.query(
      `INSERT INTO api_keys (id, tenant_id, kind, name, prefix, secret_hash)
       SELECT 'key_bench' || n, 'ten_bench' || 1 + n % $1::integer, 'inference', 'bench', 'mr-inference-bench',
         encode(sha256(('bench' || n)::bytea), 'hex')
       FROM generate_series(1, $2::integer) AS n`,
      [wish.tenants, wish.keys - wish.used],
    );
    await dataSource.query('ANALYZE tenants, api_keys');
    const tenancy = new TenancyStore(dataSource);
    const secrets = Array.from({ length: wish.used }, () => newSecret('inference'));
    for (const [index, secret] of secrets.entries()) {
      const tenantId = `ten_bench${String(1 + Math.floor((index * wish.tenants) / wish.used))}`;
      const stored = storedSecret(pepper, secret);
      await tenancy.ensureApiKey(tenantId, { kind: 'inference', name: 'bench', ...stored });
    }
    return secrets;
  } finally {
    await dataSource.destroy();
  }
}
