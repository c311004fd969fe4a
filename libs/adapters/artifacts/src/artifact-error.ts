export type ArtifactErrorCode =
  'invalid_reference' | 'not_found' | 'forbidden' | 'unreachable' | 'interrupted' | 'disk_full' | 'not_a_model';

/** Why weights could not be brought here, in one sentence that says what to do. */
export class ArtifactError extends Error {
  constructor(
    readonly code: ArtifactErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'ArtifactError';
  }
}
