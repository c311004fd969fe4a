import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import type { Finding } from './finding.js';

const REGISTRY_LIMIT_MS = 10_000;

/** Whether the HTTP API could listen. */
export async function checkPort(port: number, host: string): Promise<Finding> {
  const subject = 'port';
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return { subject, ok: true, text: `${host}:${String(port)} is free` };
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    return { subject, ok: false, text: `${host}:${String(port)} cannot be used (${code}): set PORT to a free one` };
  } finally {
    server.close();
  }
}

/** Whether packages could be fetched; asked through npm, so that its proxy and certificates count. */
export async function checkRegistry(checkout: string): Promise<Finding> {
  const subject = 'registry';
  try {
    const view = ['view', 'ulid', 'version', '--fetch-retries=0', '--fetch-timeout=5000', '--loglevel=silent'];
    await promisify(execFile)('npm', view, { cwd: checkout, timeout: REGISTRY_LIMIT_MS });
    return { subject, ok: true, text: 'packages can be fetched' };
  } catch {
    // npm's exit status is the answer; its words are for npm's own log.
    const text = "the package registry does not answer: check the network and npm's proxy settings (updates only)";
    return { subject, ok: false, text };
  }
}
