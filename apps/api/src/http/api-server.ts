import { NestFactory } from '@nestjs/core';
import type { DynamicModule, NestApplicationOptions } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from '@millrace/platform/observability';
import { ErrorFilter } from './error-filter.js';
import { RouteTable } from './route-table.js';
import { createAdapter } from './server.js';
import { Traffic } from './traffic.js';

/** How long the last words of replies that were cut short may take. */
const LAST_WORDS_MS = 500;
/** How often a stopping server looks for connections that have become idle. */
const IDLE_SWEEP_MS = 50;

/** Connections that may wait to be accepted: a burst beyond it is put off by a second, connection by connection. */
const BACKLOG = 4_096;

/** The public HTTP server of one API process. */
export interface ApiServer {
  /** Serves on host and port, 0 for any; answers the base URL. Throws when the port is taken. */
  listen(host: string, port: number): Promise<string>;
  /**
   * Refuses new requests at once and lets replies end for `graceMs`. Then `cutShort` is to end those that are left in
   * good form; what is left half a second later is cut.
   */
  stop(graceMs: number, cutShort?: () => void): Promise<void>;
  /** Every route as `METHOD /url`; known once it listens. */
  routes(): string[];
}

const nestOptions: Pick<NestApplicationOptions, 'logger' | 'abortOnError' | 'bodyParser'> = {
  logger: false,
  abortOnError: false,
  bodyParser: false,
};

/** Builds the server of a module; Nest logs nothing itself, what it throws is thrown here. */
export async function createApiServer(
  module: DynamicModule,
  logger: Logger,
  traffic = new Traffic(),
): Promise<ApiServer> {
  const routes = new RouteTable();
  const adapter = createAdapter({ routes, traffic, logger });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, nestOptions);
  app.useGlobalFilters(new ErrorFilter(routes, logger));
  const server = app.getHttpServer();
  return {
    routes: () => routes.all(),
    listen: async (host, port) => {
      await app.listen({ port, host, backlog: BACKLOG }).catch((error: unknown) => {
        throw isTaken(error) ? new Error(`Port ${String(port)} of ${host} is taken: set PORT to a free one.`) : error;
      });
      return app.getUrl();
    },
    stop: async (graceMs, cutShort = () => undefined) => {
      traffic.stop();
      // The port stays open meanwhile, so that probes hear that it stops and nobody is refused without an answer.
      await traffic.idle(graceMs);
      cutShort();
      await traffic.idle(LAST_WORDS_MS);
      const cut = setTimeout(() => server.closeAllConnections(), LAST_WORDS_MS).unref();
      // A kept-alive connection becomes idle when its last reply ends.
      const sweep = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
      server.closeIdleConnections();
      await app.close();
      clearInterval(sweep);
      clearTimeout(cut);
    },
  };
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}
