import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { ArtifactError } from './artifact-error.js';

/** Addresses of this machine, its own networks and what stands for none: private, shared, link-local, loopback. */
const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ...([
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
  ] as const),
  ...([
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
    ['192.168.0.0', 16],
  ] as const),
]) {
  PRIVATE.addSubnet(network, prefix);
}
for (const [network, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  PRIVATE.addSubnet(network, prefix, 'ipv6');
}

/** All addresses of a host name. */
export type LookUp = (host: string) => Promise<readonly string[]>;

/** Whether an address is not one of the open internet. */
export function isPrivateAddress(address: string): boolean {
  return PRIVATE.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/**
 * Lets a hub on the open internet send this machine to other hosts there, never into a private network. An operator's
 * own hub in a private network may send it anywhere. Throws ArtifactError `forbidden`.
 */
export async function refusePrivateRedirect(
  { from, to, reference }: { from: URL; to: URL; reference: string },
  addressesOf: LookUp = lookUp,
): Promise<void> {
  const isWeb = to.protocol === 'https:' || to.protocol === 'http:';
  if (isWeb && (to.host === from.host || (await isPrivate(from, addressesOf)) || !(await isPrivate(to, addressesOf)))) {
    return;
  }
  throw new ArtifactError(
    'forbidden',
    `${from.host} redirects to ${to.host} for ${reference}, which is not on the open internet; expected a public host.`,
  );
}

/** A name without an address is left to the request, which says that it is out of reach. */
async function isPrivate({ hostname }: URL, addressesOf: LookUp): Promise<boolean> {
  const host = hostname.replace(/^\[|\]$/g, '');
  const addresses = isIP(host) === 0 ? await addressesOf(host).catch(() => []) : [host];
  return addresses.some(isPrivateAddress);
}

async function lookUp(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
