import { rename, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';

/** A JSON file of a home that tells others of the running installation; its owner alone may read it. */
export class HomeFile<Content> {
  private written: Promise<void> = Promise.resolve();

  constructor(
    private readonly path: string,
    private readonly onTrouble: (message: string) => void,
  ) {}

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }

  /** Writes follow each other and appear whole. */
  write(content: Content): Promise<void> {
    this.written = this.written
      .then(async () => {
        const fresh = `${this.path}.new`;
        await writeFile(fresh, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
        await rename(fresh, this.path);
      })
      .catch((error: unknown) => this.onTrouble(`${basename(this.path)} cannot be written: ${String(error)}`));
    return this.written;
  }
}
