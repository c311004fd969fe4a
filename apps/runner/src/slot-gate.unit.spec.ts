import { SlotGate } from './slot-gate.js';

describe('the slots of a replica', () => {
  it('are handed out up to their number and then only when one is released', async () => {
    const gate = new SlotGate(2);
    await gate.acquire();
    await gate.acquire();
    expect(gate.running).toBe(2);
    let third = false;
    const waiting = gate.acquire().then(() => {
      third = true;
    });
    await Promise.resolve();
    expect(third).toBe(false);
    gate.release();
    await waiting;
    expect(gate.running).toBe(2);
  });

  it('can be asked for without waiting', async () => {
    const gate = new SlotGate(2);
    expect(gate.tryAcquire()).toBe(true);
    await gate.acquire();
    expect(gate.tryAcquire()).toBe(false);
    gate.release();
    expect(gate.tryAcquire()).toBe(true);
  });

  it('are idle when all are released', async () => {
    const gate = new SlotGate(1);
    await gate.acquire();
    const idle = gate.idle();
    gate.release();
    await expect(idle).resolves.toBeUndefined();
    await expect(gate.idle()).resolves.toBeUndefined();
  });
});
