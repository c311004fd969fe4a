import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { ApiError } from '../http/api-error.js';

const form = /^[\w.-]{1,100}$/;

/** Answers 404 for ids in a URL that no resource can have, before they reach a store. */
export class PlausibleId implements PipeTransform<unknown, unknown> {
  transform(value: unknown, { type, data }: ArgumentMetadata): unknown {
    if (type !== 'param') return value;
    const params = data === undefined ? (value as Readonly<Record<string, unknown>>) : { [data]: value };
    for (const [name, id] of Object.entries(params)) if (name.endsWith('Id')) requirePlausible(name, id);
    return value;
  }
}

function requirePlausible(name: string, id: unknown): void {
  if (typeof id === 'string' && form.test(id)) return;
  // The parameter keyId stands for a key.
  throw new ApiError({ kind: 'resource_not_found', resource: name.slice(0, -'Id'.length), id: String(id) });
}
