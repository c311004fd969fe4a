/**
 * Which packages of a lock file are not installed in the wanted version.
 * `wanted` and `installed` are the `packages` of package-lock.json and of node_modules/.package-lock.json;
 * `machine` says platform and arch. Packages for tests count with `dev` only, those for other machines never.
 */
export function missingPackages({ wanted, installed, dev, machine }) {
  return Object.keys(wanted).filter((path) => {
    const entry = wanted[path];
    if (path === '' || entry.link === true) return false;
    if (entry.dev === true && !dev) return false;
    if (!fits(entry, machine)) return false;
    return installed[path]?.version !== entry.version;
  });
}

function fits(entry, machine) {
  // npm leaves out optional packages of another C library, and what only packages of other machines need: which those
  // are is npm's to say, so only optional packages made for this very kind of machine count.
  if (entry.optional === true && (entry.libc !== undefined || entry.cpu === undefined)) return false;
  return allows(entry.os, machine.platform) && allows(entry.cpu, machine.arch);
}

/** Lists hold names to accept, or names to refuse behind `!`. */
function allows(list, name) {
  if (list === undefined) return true;
  if (list.includes(`!${name}`)) return false;
  const accepted = list.filter((item) => !item.startsWith('!'));
  return accepted.length === 0 || accepted.includes(name) || accepted.includes('any');
}
