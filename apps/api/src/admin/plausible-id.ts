import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { ApiError } from '../http/api-error.js';

const form = /^[\w.-]{1,100}$/;

/** Answers 404 for ids in a URL that no resource can have, before they reach a store. */
export class PlausibleId implements PipeTransform<unknown, unknown> {
  transform(value: unknown, { type, data }: ArgumentMetadata): unknown {
    if (type !== 'param' || data?.endsWith('Id') !== true) return value;
    if (typeof value === 'string' && form.test(value)) return value;
    throw new ApiError({ kind: 'resource_not_found', resource: inWords(data), id: String(value) });
  }
}

/** `keyId` is a key. */
function inWords(param: string): string {
  return param.slice(0, -'Id'.length);
}
