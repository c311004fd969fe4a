/** Which devices does this machine offer, and how much of their memory is free? */
export { NvidiaDevices } from './nvidia-devices.js';
export { readDevices, type ObservedDevice } from './read-devices.js';
export { simulateDevices } from './simulated-devices.js';
