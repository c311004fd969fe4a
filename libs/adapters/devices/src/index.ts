/** Which devices does this machine offer, and how much of their memory is free? */
export { readDevices } from './read-devices.js';
