import { DataSource, DefaultNamingStrategy } from 'typeorm';
import { entities } from './entities/entities.js';
import { migrations } from './migrations/migrations.js';

/** Properties are camelCase, columns snake_case. */
class SnakeCaseColumns extends DefaultNamingStrategy {
  override columnName(propertyName: string, customName: string, embeddedPrefixes: string[]): string {
    const name = customName === '' || customName === undefined ? propertyName : customName;
    return [...embeddedPrefixes, name].join('_').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  }
}

export interface ConnectOptions {
  /** Shown in pg_stat_activity. */
  applicationName?: string;
  /** Connections at most; default 10. */
  poolSize?: number;
}

/**
 * Connects to Postgres; never changes the schema.
 * Connecting and each statement are bounded at 5 s and 10 s. Throws what pg throws.
 */
export async function connectPostgres(databaseUrl: string, options: ConnectOptions = {}): Promise<DataSource> {
  const dataSource = new DataSource({
    type: 'postgres',
    url: databaseUrl,
    applicationName: options.applicationName ?? 'millrace',
    poolSize: options.poolSize ?? 10,
    connectTimeoutMS: 5_000,
    // The server bounds a statement; the client bounds a server that has frozen.
    extra: { statement_timeout: 10_000, query_timeout: 11_000, keepAlive: true },
    entities,
    migrations,
    migrationsTableName: 'schema_migrations',
    namingStrategy: new SnakeCaseColumns(),
    synchronize: false,
    logging: false,
  });
  return dataSource.initialize();
}
