import { Option } from 'commander';
import { integer, labels, limit, textOrNone, type Cleared } from '../../option-values.js';

/** Where replicas may stand, as it is typed. */
export interface PlaceOptions {
  contextLength?: number | Cleared;
  slots?: number | Cleared;
  labels?: Record<string, string | Cleared> | Cleared;
  deviceCount?: number | Cleared;
  deviceType?: string | Cleared;
  runner?: string | Cleared;
  antiAffinity?: string | Cleared;
}

/** A wish as it is typed. */
export interface WishOptions extends PlaceOptions {
  minReplicas?: number;
  maxReplicas?: number | Cleared;
  perRunner?: boolean;
  keepAliveSeconds?: number | Cleared;
  pinned?: boolean;
  priority?: number;
}

export function placeOptions(): Option[] {
  return [
    new Option('--context-length <tokens>', 'of each slot; none leaves it to the engine').argParser(limit),
    new Option('--slots <count>', 'answers at one time of a replica; none leaves it to the engine').argParser(limit),
    new Option('--labels <k=v,…>', 'only runners with all of these; `k=` takes one back, none all').argParser(labels),
    new Option('--device-count <count>', 'exactly so many devices for each replica, or none').argParser(limit),
    new Option('--device-type <type>', 'only devices of this type, or none').argParser(textOrNone),
    new Option('--runner <name or id>', 'only this runner, or none').argParser(textOrNone),
    new Option('--anti-affinity <place>', 'no two replicas on one runner or device: runner, device or none').argParser(
      textOrNone,
    ),
  ];
}

export function wishOptions(): Option[] {
  return [
    new Option('--min-replicas <count>', 'always kept; 0 loads on demand only (default: 1)').argParser(integer),
    new Option('--max-replicas <count>', 'at most, however long the queue is').argParser(limit),
    new Option('--per-runner', 'one replica on each runner that can hold it'),
    new Option('--no-per-runner', 'replicas anywhere'),
    new Option('--keep-alive-seconds <count>', 'what is not needed stops after this, or none').argParser(limit),
    new Option('--pinned', 'never evict its replicas for others'),
    new Option('--no-pinned', 'let its replicas be evicted'),
    new Option('--priority <number>', 'its rank for memory, higher goes first (default: 0)').argParser(integer),
    ...placeOptions(),
  ];
}

/** What decides where replicas can stand, as the server takes it. */
export function placeOf(options: PlaceOptions): object {
  const { contextLength, slots, labels: wanted, deviceCount, deviceType, runner, antiAffinity } = options;
  const placement = { labels: wanted, deviceCount, deviceType, runner, antiAffinity };
  const isPlaced = Object.values(placement).some((value) => value !== undefined);
  return { contextLength, slots, ...(isPlaced && { placement }) };
}

/** A wish as the server takes it. */
export function wishOf(options: WishOptions): object {
  const { minReplicas, maxReplicas, perRunner, keepAliveSeconds, pinned, priority } = options;
  return { minReplicas, maxReplicas, perRunner, keepAliveSeconds, pinned, priority, ...placeOf(options) };
}
