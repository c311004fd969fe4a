import { missingPackages } from './missing-packages.mjs';

const machine = { platform: 'linux', arch: 'x64' };
const wanted = {
  '': { version: '0.1.0' },
  'node_modules/a': { version: '1.0.0' },
  'node_modules/test-only': { version: '1.0.0', dev: true },
  'node_modules/for-mac': { version: '1.0.0', optional: true, os: ['darwin'] },
  'node_modules/for-arm': { version: '1.0.0', optional: true, cpu: ['arm64'] },
  'node_modules/for-this': { version: '1.0.0', optional: true, os: ['linux'], cpu: ['x64'] },
  'node_modules/for-arm/node_modules/inner': { version: '1.0.0', optional: true },
  'node_modules/not-for-windows': { version: '1.0.0', os: ['!win32'] },
};

describe('packages that are missing', () => {
  it('are all that this machine needs when nothing is installed', () => {
    const names = missingPackages({ wanted, installed: {}, dev: false, machine });
    expect(names).toEqual(['node_modules/a', 'node_modules/for-this', 'node_modules/not-for-windows']);
  });

  it('count those of the tests when they are asked for', () => {
    expect(missingPackages({ wanted, installed: {}, dev: true, machine })).toContain('node_modules/test-only');
  });

  it('include those of another version', () => {
    const installed = { ...wanted, 'node_modules/a': { version: '0.9.0' } };
    expect(missingPackages({ wanted, installed, dev: true, machine })).toEqual(['node_modules/a']);
  });

  it('are none when everything is there', () => {
    expect(missingPackages({ wanted, installed: wanted, dev: true, machine })).toEqual([]);
  });
});
