import { once } from 'node:events';
import { createServer } from 'node:net';
import { StartError } from './start-error.js';

/** Throws StartError when something listens on the port already, before anything is started. 0 is always free. */
export async function requireFreePort(port: number, host: string): Promise<void> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new StartError(`Port ${String(port)} is taken: set PORT to a free one, or stop what listens there.`);
    }
    throw new StartError(`Port ${String(port)} of ${host} cannot be used (${message}): set PORT or MILLRACE_HOST.`, {
      cause: error,
    });
  } finally {
    server.close();
  }
}

/** Whether nothing listens on the port, on any interface. */
export async function isPortFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port);
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
