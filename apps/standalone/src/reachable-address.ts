/** An address that a process listens on, as this machine reaches it: "all interfaces" becomes loopback. */
export function onThisMachine(address: string): string {
  return address.replace(/(^|\/\/)(0\.0\.0\.0|\[::\])(?=:|$)/, '$1127.0.0.1');
}
