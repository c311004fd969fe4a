import { ArtifactError } from './artifact-error.js';
import { refusePrivateRedirect } from './redirect-policy.js';

const MAX_REDIRECTS = 5;

export interface HubRequest {
  url: URL;
  hubToken?: string | undefined;
  signal: AbortSignal;
  /** What the operator wrote, for messages. */
  reference: string;
}

/** The hub's answer to a request for a file. */
export interface HubAnswer {
  response: Response;
  /** Version of the content, from the hub itself or where it redirected to. */
  etag: string | undefined;
  /** `sha256:…` of the content, for files that the hub keeps by their hash. */
  digest: string | undefined;
}

/**
 * Asks for a file from this byte on, up to `lastByte` if given, and follows redirects as `refusePrivateRedirect` allows.
 * The token is only sent to the hub's own host.
 * Throws ArtifactError for a refusal; 200, 206 and 416 are answers.
 */
export async function requestFile(request: HubRequest, fromByte: number, lastByte?: number): Promise<HubAnswer> {
  const range = fromByte === 0 && lastByte === undefined ? undefined : `bytes=${fromByte}-${lastByte ?? ''}`;
  let url = request.url;
  let etag: string | undefined;
  let digest: string | undefined;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const response = await ask(request, url, range);
    const linked = unquoted(response.headers.get('x-linked-etag'));
    etag ??= linked ?? unquoted(response.headers.get('etag'));
    digest ??= linked !== undefined && /^[0-9a-f]{64}$/.test(linked) ? `sha256:${linked}` : undefined;
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null) {
      refuseFailure(response, request);
      return { response, etag, digest };
    }
    await response.body?.cancel();
    const target = new URL(location, url);
    await refusePrivateRedirect({ from: request.url, to: target, reference: request.reference });
    url = target;
  }
  throw new ArtifactError('unreachable', `The hub redirects without end for ${request.reference}.`);
}

async function ask(request: HubRequest, url: URL, range: string | undefined): Promise<Response> {
  const headers: Record<string, string> = { 'user-agent': 'millrace', 'accept-encoding': 'identity' };
  if (range !== undefined) headers['range'] = range;
  if (request.hubToken !== undefined && url.origin === request.url.origin) {
    headers['authorization'] = `Bearer ${request.hubToken}`;
  }
  try {
    return await fetch(url, { headers, redirect: 'manual', signal: request.signal });
  } catch (error) {
    request.signal.throwIfAborted();
    throw new ArtifactError(
      'unreachable',
      `${url.host} is out of reach for ${request.reference}; check the network and the hub's address.`,
      { cause: error },
    );
  }
}

function refuseFailure(response: Response, { reference, hubToken, url }: HubRequest): void {
  const { status } = response;
  if (status === 200 || status === 206 || status === 416) return;
  if (status === 404) {
    throw new ArtifactError(
      'not_found',
      `${url.host} has no ${reference}; check owner, repository, file and revision.`,
    );
  }
  if (status === 401 || status === 403) {
    const advice =
      hubToken === undefined
        ? 'set a hub token of an account that may read it'
        : 'accept its terms on the hub with the account of the token, or use another token';
    throw new ArtifactError('forbidden', `${url.host} does not give out ${reference}; ${advice}.`);
  }
  throw new ArtifactError('unreachable', `${url.host} answered ${String(status)} for ${reference}; try again later.`);
}

function unquoted(etag: string | null): string | undefined {
  return etag === null ? undefined : etag.replace(/^W\//, '').replaceAll('"', '');
}
