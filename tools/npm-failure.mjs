import { PlainError } from './plain-error.mjs';

/** Codes of a network that is not there; an answer of the registry, even a refusal, is not among them. */
const NETWORK =
  /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ECONNABORTED|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT|EIDLETIMEOUT|FETCH_ERROR|.*CERT.*)$/;

/** A sentence when what npm printed says that it could not reach its registry. */
export function unreachableRegistry(output) {
  const code = codeOf(output);
  if (!NETWORK.test(code)) return undefined;
  const place = /https?:\/\/[^\s/]+/.exec(output)?.[0];
  return new PlainError(
    `The package registry${place === undefined ? '' : ` (${place})`} cannot be reached (${code}): ` +
      "check the network or npm's proxy settings and start again.",
  );
}

/** One sentence for what npm printed when it could not install. */
export function installFailure(output) {
  const code = codeOf(output);
  if (code === 'ENOSPC') {
    return new PlainError('The disk was full before all packages were installed: make room (1 GB) and start again.');
  }
  const reason = /npm (?:error|ERR!) (?!code )(\S.*)/.exec(output)?.[1] ?? 'npm said nothing';
  return unreachableRegistry(output) ?? new PlainError(`The packages could not be installed (${code}): ${reason}`);
}

function codeOf(output) {
  return /npm (?:error|ERR!) code (\S+)/.exec(output)?.[1] ?? 'no code';
}
