import { totalmem } from 'node:os';
import { readDevices } from './read-devices.js';

describe('devices of this machine', () => {
  it('are one CPU with some free memory, no more than the machine has', async () => {
    const devices = await readDevices();
    expect(devices).toHaveLength(1);
    expect(devices[0]).toMatchObject({ deviceKey: 'cpu', deviceType: 'cpu' });
    expect(devices[0]?.freeBytes).toBeGreaterThan(0);
    expect(devices[0]?.totalBytes).toBeLessThanOrEqual(totalmem());
    expect(devices[0]?.freeBytes).toBeLessThanOrEqual(devices[0]?.totalBytes ?? 0);
  });
});
