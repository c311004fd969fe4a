import { status, type ServiceError } from '@grpc/grpc-js';

/** The scheduler does not accept this join token or credential; trying again does not help. */
export class FleetRefusedError extends Error {
  override readonly name = 'FleetRefusedError';
}

/** The refusal in a gRPC error, or undefined for an error that may pass. */
export function refusalOf(error: ServiceError): FleetRefusedError | undefined {
  return error.code === status.UNAUTHENTICATED || error.code === status.INVALID_ARGUMENT
    ? new FleetRefusedError(error.details, { cause: error })
    : undefined;
}
