import { DEMAND_CHANNEL, demandReportSchema, type DemandReport } from '@millrace/contracts/job-contract';
import type { Logger } from '@millrace/platform/observability';
import { Redis } from 'ioredis';

export interface DemandWatchOptions {
  redisUrl: string;
  onReport: (report: DemandReport) => void;
  logger: Logger;
}

/** Hears what API processes say that waits with them. While Redis is out of reach nothing is heard. */
export function watchDemand({ redisUrl, onReport, logger }: DemandWatchOptions): { close(): void } {
  const subscriber = new Redis(redisUrl, { maxRetriesPerRequest: null });
  subscriber.on('error', (error: Error) => logger.debug({ error: error.message }, 'Redis is out of reach'));
  subscriber.on('message', (_channel, text: string) => {
    const report = demandReportSchema.safeParse(readJson(text));
    if (report.success) onReport(report.data);
    else logger.warn({ err: report.error }, 'a report of demand is not valid: an API process of another version?');
  });
  subscriber.subscribe(DEMAND_CHANNEL).catch((error: unknown) => {
    logger.warn({ err: error }, 'demand is not heard');
  });
  return { close: () => subscriber.disconnect() };
}

/** Undefined for what is no JSON: anybody can publish. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
