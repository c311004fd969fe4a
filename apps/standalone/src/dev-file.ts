import { rename, rm, writeFile } from 'node:fs/promises';
import type { Home } from './home.js';

/** What tools and tests on this machine need to know of a running installation. A part of the public contract. */
export interface DevFileContent {
  baseUrl: string;
  operatorKey: string;
  apiKey: string;
  /** Null until agents exist. */
  agentKey: string | null;
  model: string;
  joinToken: string;
  schedulerUrl: string;
  redisUrl: string;
  databaseUrl: string;
  /** Null for a store that somebody else runs. */
  pids: Record<'supervisor' | 'api' | 'scheduler' | 'runner' | 'redis' | 'postgres', number | null>;
}

/** dev.json of a home; its owner alone may read it. Writes follow each other and appear whole. */
export class DevFile {
  private written: Promise<void> = Promise.resolve();

  constructor(
    private readonly home: Home,
    private readonly onTrouble: (message: string) => void,
  ) {}

  async remove(): Promise<void> {
    await rm(this.home.devFile, { force: true });
  }

  write(content: DevFileContent): Promise<void> {
    this.written = this.written
      .then(async () => {
        const fresh = `${this.home.devFile}.new`;
        await writeFile(fresh, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
        await rename(fresh, this.home.devFile);
      })
      .catch((error: unknown) => this.onTrouble(`dev.json cannot be written: ${String(error)}`));
    return this.written;
  }
}
