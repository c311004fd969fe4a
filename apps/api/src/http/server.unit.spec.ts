import { pino } from 'pino';
import { RouteTable } from './route-table.js';
import { createAdapter } from './server.js';
import { Traffic } from './traffic.js';

describe('a connection whose caller waits for an answer', () => {
  it('is cut by no timeout, and kept alive by the system', () => {
    const traffic = new Traffic(() => undefined);
    const adapter = createAdapter({ routes: new RouteTable(), traffic, logger: pino({ enabled: false }) });
    const server: unknown = adapter.getHttpServer();
    expect(server).toMatchObject({ timeout: 0, keepAlive: true });
  });
});
