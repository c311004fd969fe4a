import { PlainError } from './plain-error.mjs';

const OLDEST = [20, 19];

/** Throws PlainError for a Node that cannot run millrace. `version` is like 20.19.0. */
export function checkNode(version) {
  const parts = version.split('.').map(Number);
  const recent = parts[0] > OLDEST[0] || (parts[0] === OLDEST[0] && parts[1] >= OLDEST[1]);
  if (recent) return;
  throw new PlainError(
    `millrace needs Node.js ${OLDEST.join('.')} or newer, and this is ${version}: install a newer one from https://nodejs.org.`,
  );
}
