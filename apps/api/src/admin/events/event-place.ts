import type { EventPlace } from '@millrace/adapters/postgres';

const form = /^(\d{1,19})-(\d{1,19})$/;
const LARGEST = 2n ** 63n - 1n;

/** The id of an event: its place in the log. */
export function writePlace({ xid, id }: EventPlace): string {
  return `${String(xid)}-${String(id)}`;
}

/** Undefined for what is no place. */
export function readPlace(text: string): EventPlace | undefined {
  const [, xid = '', id = ''] = form.exec(text) ?? [];
  if (xid === '') return undefined;
  const place = { xid: BigInt(xid), id: BigInt(id) };
  return place.xid <= LARGEST && place.id <= LARGEST ? place : undefined;
}

/** Whether one place is behind another. */
export function follows(place: EventPlace, other: EventPlace): boolean {
  return place.xid === other.xid ? place.id > other.id : place.xid > other.xid;
}
