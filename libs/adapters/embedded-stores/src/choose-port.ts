import getPort from 'get-port';

/** A free port of 127.0.0.1, the one hoped for if possible. */
export async function choosePort(hoped: number | undefined): Promise<number> {
  return getPort({ host: '127.0.0.1', ...(hoped !== undefined && { port: hoped }) });
}
