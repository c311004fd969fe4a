import type { WriteOutcome } from '@millrace/adapters/postgres';
import { ApiError } from '../http/api-error.js';

/** A resource in words, for messages. */
export interface NamedResource {
  resource: string;
  id: string;
}

/** The resource that was written. Throws ApiError for every other outcome. */
export function written<Resource>(outcome: WriteOutcome<Resource>, named: NamedResource): Resource {
  switch (outcome.outcome) {
    case 'done':
      return outcome.resource;
    case 'not_found':
      throw new ApiError({ kind: 'resource_not_found', ...named });
    case 'version_mismatch':
      throw new ApiError({ kind: 'version_mismatch', ...named, version: outcome.version });
    case 'conflict':
      throw new ApiError({ kind: 'conflict', message: outcome.message });
  }
}

/** The resource that was looked for. Throws ApiError when there is none. */
export function found<Resource>(resource: Resource | undefined, named: NamedResource): Resource {
  if (resource === undefined) throw new ApiError({ kind: 'resource_not_found', ...named });
  return resource;
}
