import fc from 'fast-check';
import { cgroupFolders, cpuMemory } from './cpu-memory.js';

const GIB = 1024 ** 3;
const MACHINE = { totalBytes: 8 * GIB, freeBytes: 2 * GIB };

/** Recorded on a 24 GiB machine, as are the fields of NO_LIMIT. */
const MEMINFO = `MemTotal:       24684092 kB
MemFree:        22721380 kB
MemAvailable:   24016712 kB
Buffers:           20116 kB
Cached:          1403044 kB
`;
const NO_LIMIT = {
  limit: '9223372036854771712\n',
  usage: '84418560\n',
  stat: 'cache 76824576\ninactive_file 34840576\nhierarchical_memory_limit 9223372036854771712\ntotal_inactive_file 34840576\n',
};

/** In the form of a container with a limit of 2 GiB on cgroup v2. */
const V2 = {
  limit: '2147483648\n',
  usage: '734003200\n',
  stat: 'anon 157286400\nfile 524288000\nkernel 20971520\ninactive_file 419430400\nactive_file 104857600\n',
};

/** In the form of a container with a limit of 512 MiB on cgroup v1. */
const V1 = {
  limit: '536870912\n',
  usage: '209715200\n',
  stat: 'cache 104857600\ninactive_file 52428800\ntotal_cache 104857600\ntotal_inactive_file 62914560\n',
};

describe('memory of the CPU device', () => {
  it('is what the machine has and can give when nothing limits the process', () => {
    const memory = cpuMemory({ meminfo: MEMINFO, cgroups: [] }, MACHINE);
    expect(memory).toEqual({ totalBytes: 24684092 * 1024, freeBytes: 24016712 * 1024 });
  });

  it('is the limit of a v2 container, of which file pages that can be dropped are free', () => {
    const memory = cpuMemory({ meminfo: MEMINFO, cgroups: [V2] }, MACHINE);
    expect(memory).toEqual({ totalBytes: 2 * GIB, freeBytes: 2 * GIB - (734003200 - 419430400) });
  });

  it('is the limit of a v1 container', () => {
    const memory = cpuMemory({ meminfo: MEMINFO, cgroups: [V1] }, MACHINE);
    expect(memory).toEqual({ totalBytes: 536870912, freeBytes: 536870912 - (209715200 - 62914560) });
  });

  it('takes the tightest limit of all cgroups above the process', () => {
    const open = { limit: 'max\n', usage: '1\n', stat: undefined };
    const memory = cpuMemory({ meminfo: MEMINFO, cgroups: [open, V2, V1] }, MACHINE);
    expect(memory.totalBytes).toBe(536870912);
  });

  it('does not read "no limit" of v1 as memory', () => {
    const memory = cpuMemory({ meminfo: MEMINFO, cgroups: [NO_LIMIT] }, MACHINE);
    expect(memory.totalBytes).toBe(24684092 * 1024);
  });

  it('falls back to what Node reports on systems without these files', () => {
    expect(
      cpuMemory({ meminfo: undefined, cgroups: [{ limit: undefined, usage: undefined, stat: undefined }] }, MACHINE),
    ).toEqual(MACHINE);
  });

  it('is never negative and never more free than there is, whatever the files say', () => {
    const text = fc.oneof(fc.constant(undefined), fc.string(), fc.nat().map(String), fc.constant('max\n'));
    const cgroup = fc.record({ limit: text, usage: text, stat: text });
    fc.assert(
      fc.property(fc.array(cgroup), fc.option(fc.constant(MEMINFO), { nil: undefined }), (cgroups, meminfo) => {
        const { totalBytes, freeBytes } = cpuMemory({ meminfo, cgroups }, MACHINE);
        expect(freeBytes).toBeGreaterThanOrEqual(0);
        expect(freeBytes).toBeLessThanOrEqual(totalBytes);
      }),
    );
  });
});

describe('cgroups of a process', () => {
  it('are its own and those above it on v2', () => {
    expect(cgroupFolders('0::/system.slice/millrace.service\n')).toEqual({
      version: 2,
      folders: ['/sys/fs/cgroup/system.slice/millrace.service', '/sys/fs/cgroup/system.slice', '/sys/fs/cgroup'],
    });
  });

  it('are those of the memory controller on v1', () => {
    const text = '12:cpu,cpuacct:/docker/abc\n9:memory:/docker/abc\n1:name=systemd:/docker/abc\n0::/\n';
    expect(cgroupFolders(text)).toEqual({
      version: 1,
      folders: ['/sys/fs/cgroup/memory/docker/abc', '/sys/fs/cgroup/memory/docker', '/sys/fs/cgroup/memory'],
    });
  });

  it('are the root where a container hides the rest', () => {
    expect(cgroupFolders('0::/\n').folders).toEqual(['/sys/fs/cgroup']);
    expect(cgroupFolders(undefined).folders).toEqual(['/sys/fs/cgroup']);
  });
});
