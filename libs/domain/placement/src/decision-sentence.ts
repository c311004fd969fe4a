import type { Rejection } from './rejection.js';
import { rejectionSentence } from './rejection-sentence.js';

/** A decision with the numbers that it rested on, as it is written down. */
export interface DecidedLine {
  action: string;
  reason: string;
  numbers: Readonly<Record<string, unknown>>;
}

/** What was decided, in one sentence for people. */
export function decisionSentence({ action, reason, numbers }: DecidedLine): string {
  const where = `on device ${textOf(numbers['deviceKey'])} of ${textOf(numbers['runnerId'])}`;
  switch (action) {
    case 'start':
      return `A replica starts ${where}: it needs ${bytes(numbers['needBytes'])} of ${bytes(numbers['freeBytes'])} free.`;
    case 'refused':
      return `A replica does not start ${where}: the device has changed since it was observed.`;
    case 'stop':
      return `The replica ${where} stops: ${because(reason, numbers)}`;
    case 'drain':
      return `The replica ${where} finishes what it serves and stops: ${because(reason, numbers)}`;
    case 'release':
      return `The memory that was reserved ${where} is free again.`;
    case 'measure':
      return `The replica ${where} takes ${bytes(numbers['measuredBytes'])}; ${bytes(numbers['predictedBytes'])} were predicted.`;
    case 'unplaced':
    case 'passed_over':
      return `No ${action === 'unplaced' ? '' : 'further '}device takes a replica: ${whyNowhere(reason, numbers)}`;
    default:
      return `${action}: ${reason}.`;
  }
}

/** Why no device takes a replica, by the one that is closest to taking it. Ends with a full stop. */
export function whyNowhere(reason: string, { rejected }: { rejected?: unknown }): string {
  const closest = Array.isArray(rejected)
    ? (rejected as Rejection[]).find((rejection) => rejection.reason === reason)
    : undefined;
  const why = closest === undefined ? 'no runner has offered a device yet' : rejectionSentence(closest);
  return `${why}.`.replace(/\.+$/, '.');
}

const REASONS: Readonly<Record<string, string>> = {
  deployment_removed: 'its deployment was deleted',
  deployment_paused: 'its deployment is paused',
  wish_changed: 'its deployment wishes something else now',
  surplus: 'its deployment has more than it wants',
  idle: 'nobody has needed it for its keep-alive',
  runner_lost: 'its runner is lost',
  runner_draining: 'its runner is being drained',
  device_gone: 'its device is gone',
};

function because(reason: string, { message, eviction }: DecidedLine['numbers']): string {
  if (reason === 'evicted' && isRecord(eviction)) {
    return `${textOf(eviction['forDeploymentId'])} needs ${bytes(eviction['freesBytes'])} of its memory more.`;
  }
  const said = typeof message === 'string' ? message : '';
  return `${REASONS[reason] ?? (reason === 'load_failed' && said !== '' ? said : reason)}.`.replace(/\.+$/, '.');
}

function textOf(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : 'an unknown place';
}

function bytes(value: unknown): string {
  return typeof value === 'number' ? `${(value / 1024 ** 3).toFixed(2)} GiB` : 'an unknown size';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
