import type { Connection } from '../connection/connection.js';
import type { AdminRequest } from './admin-request.js';

/** What is read of whatever a fetch throws. */
interface Thrown {
  name?: unknown;
  message?: unknown;
  code?: unknown;
  cause?: Thrown;
}

/** The error code at the bottom of a failed fetch, else what is said there; `timeout` when the time was over. */
export function codeOf(error: unknown): string {
  const { name, message, code, cause } = (error ?? {}) as Thrown;
  if (name === 'TimeoutError') return 'timeout';
  if (typeof code === 'string') return code;
  if (cause !== undefined) return codeOf(cause);
  return typeof message === 'string' ? message : 'unknown';
}

/** What a person is told when there is no answer, and what to do. */
export function explainNoAnswer(
  code: string,
  { url, urlFrom }: Pick<Connection, 'url' | 'urlFrom'>,
  { request, timeoutMs }: { request: AdminRequest; timeoutMs: number },
): string {
  const place = `${url} (from ${urlFrom})`;
  switch (code) {
    case 'ECONNREFUSED':
      return `Nothing listens at ${place}. Start millrace there, or name another address with --url or --profile.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The host of ${place} is not known (${code}). Check how it is spelled, and the network.`;
    case 'timeout':
    case 'ETIMEDOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
      return `${place} has not answered within ${String(timeoutMs / 1_000)} s. Try again, or wait longer with --timeout.${unknownOutcome(request)}`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `${place} cannot be reached from here (${code}). Check the address and the network.`;
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return `${place} closed the connection without an answer (${code}). Try again; if it stays so, check the address, whether it wants https://, and what stands in between.${unknownOutcome(request)}`;
    default:
      return explainTls(code, place) ?? `${place} could not be asked (${code}). Check the address.`;
  }
}

/** Undefined when the failure has nothing to do with TLS. */
function explainTls(code: string, place: string): string | undefined {
  switch (code) {
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return `The certificate of ${place} is not one that this machine trusts (${code}). Set NODE_EXTRA_CA_CERTS to the PEM file of its authority.`;
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return `The certificate of ${place} is not valid now (${code}). Renew it, or set this machine's clock.`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `The certificate of ${place} is for another host (${code}). Use the host name that it was made for.`;
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
    case 'EPROTO':
      return `${place} does not speak TLS (${code}). Use http:// if that is meant.`;
    default:
      return code.startsWith('HPE_') ? `${place} does not speak HTTP (${code}). Check address and port.` : undefined;
  }
}

/** A change that was sent may have been made although nobody heard of it. */
function unknownOutcome({ method, headers }: AdminRequest): string {
  const key = headers?.['idempotency-key'];
  if (method === 'GET') return '';
  if (key === undefined) return ' Whether the change was made is not known: look before you repeat it.';
  return ` Whether it was done is not known: repeat it with --idempotency-key ${key}, and it is done once.`;
}
