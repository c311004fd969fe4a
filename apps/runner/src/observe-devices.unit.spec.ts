import { whyNotOn } from './observe-devices.js';

describe('an engine and a type of device', () => {
  it.each([
    ['llama-cpp', 'nvidia-h100-80gb-hbm3', /^The engine llama-cpp .* CPU, and not on nvidia-h100-80gb-hbm3\.$/],
    ['llama-cpp', 'cpu', undefined],
    ['llama-cpp', 'cuda', undefined],
    ['simulated', 'nvidia-h100-80gb-hbm3', undefined],
  ])('%s on %s: refused with %s', (engine, deviceType, reason) => {
    const refusal = whyNotOn(deviceType, engine);
    if (reason === undefined) expect(refusal).toBeUndefined();
    else expect(refusal).toMatch(reason);
  });
});
