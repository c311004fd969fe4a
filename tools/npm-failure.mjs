import { PlainError } from './plain-error.mjs';

const UNREACHABLE =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT|EIDLETIMEOUT|ECONNABORTED|FETCH_ERROR|CERT|SELF_SIGNED|E50\d/;

/** One plain sentence for what npm printed when it failed. */
export function npmFailure(output) {
  const code = /npm (?:error|ERR!) code (\S+)/.exec(output)?.[1] ?? '';
  if (UNREACHABLE.test(code)) {
    const place = /https?:\/\/[^\s/]+/.exec(output)?.[0] ?? 'npm config get registry';
    return new PlainError(
      `The package registry (${place}) cannot be reached (${code}): check the network or npm's proxy settings and start again.`,
    );
  }
  if (code === 'ENOSPC') {
    return new PlainError('The disk was full before all packages were installed: make room (1 GB) and start again.');
  }
  const reason = /npm (?:error|ERR!) (?!code )(.+)/.exec(output)?.[1] ?? 'npm said nothing';
  return new PlainError(`The packages could not be installed (${code || 'no code'}): ${reason}`);
}
