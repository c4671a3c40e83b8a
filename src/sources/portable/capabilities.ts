import type { Capability } from '../../model/index.ts';

const LINUX = 'Run on Linux to see it';

export function portableCapabilities(swept: boolean): readonly Capability[] {
  return [
    {
      name: 'processes',
      works: swept,
      detail: swept
        ? 'RSS and CPU time by systeminformation and pidusage, every 2 s; new processes within 10 s'
        : 'no sweep has succeeded yet',
      fix: swept ? null : 'systeminformation needs `ps` (Unix) or PowerShell (Windows)',
    },
    {
      name: 'pss',
      works: false,
      detail: 'no PSS, USS or swap per process: RSS counts shared pages in each',
      fix: LINUX,
    },
    { name: 'environment', works: false, detail: 'agents are known by command line and ancestry only', fix: LINUX },
    { name: 'dead-clients', works: false, detail: 'a dead stdio client does not show', fix: LINUX },
    { name: 'pressure', works: false, detail: 'no stall times', fix: LINUX },
    { name: 'cgroup', works: false, detail: 'no container limits', fix: LINUX },
    {
      name: 'tried',
      works: process.platform === 'linux',
      detail: 'this source was tested on Linux only: treat its figures on other systems with care',
      fix: null,
    },
  ];
}
