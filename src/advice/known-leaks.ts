/**
 * Libraries that are known to leak in released versions, and from which version on they do not. Measured here: heap after
 * a forced collection grew with each operation in the leaky version and did not in the fixed one.
 */
export interface KnownLeak {
  readonly name: string;
  /** This version was measured to leak; those between it and the fixed one are taken to leak. */
  readonly leaky: string;
  readonly fixed: string;
  readonly source: string;
  /** What makes it leak, for whoever cannot upgrade. */
  readonly when: string;
}

export const KNOWN_LEAKS: readonly KnownLeak[] = [
  {
    name: 'zod',
    leaky: '3.25.76',
    fixed: '4.3.6',
    source: 'https://github.com/supabase-community/supabase-mcp/issues/215',
    when: '.describe() on schemas made for each request',
  },
  {
    name: 'undici',
    leaky: '5.14.0',
    fixed: '5.22.1',
    source: 'https://github.com/nodejs/node/issues/46435',
    when: 'fetch with one AbortSignal for many requests',
  },
  {
    name: 'axios',
    leaky: '0.21.4',
    fixed: '0.22.0',
    source: 'https://github.com/axios/axios/issues/3001',
    when: 'one CancelToken for many requests',
  },
  {
    name: 'p-timeout',
    leaky: '6.1.2',
    fixed: '6.1.4',
    source: 'https://github.com/sindresorhus/p-timeout/issues/42',
    when: 'one AbortSignal for many calls',
  },
  {
    name: 'openai',
    leaky: '7.4.0',
    fixed: '7.6.0',
    source: 'https://github.com/openai/openai-node/issues/1811',
    when: 'one long-lived AbortSignal for many requests',
  },
  {
    name: '@grpc/grpc-js',
    leaky: '1.4.1',
    fixed: '1.4.4',
    source: 'https://github.com/grpc/grpc-node/issues/1941',
    when: 'clients that are made and closed again and again',
  },
  {
    name: 'co',
    leaky: '4.0.2',
    fixed: '4.6.0',
    source: 'https://github.com/tj/co/issues/180',
    when: 'a generator that never ends',
  },
  {
    name: 'mem',
    leaky: '1.0.0',
    fixed: '4.0.0',
    source: 'https://github.com/advisories/GHSA-4xcv-9jjx-gfj3',
    when: 'maxAge: what has expired was kept',
  },
];

/** Whether this version lies between the leaky and the fixed one; versions that cannot be read do not. */
export function isLeaky({ leaky, fixed }: KnownLeak, version: string): boolean {
  const own = numbers(version);
  const from = numbers(leaky);
  const to = numbers(fixed);
  return own !== null && from !== null && to !== null && compare(own, from) >= 0 && compare(own, to) < 0;
}

/** Pre-releases count as their release: a fix is in the release at the latest. */
function numbers(version: string): readonly number[] | null {
  const parts = /^(\d{1,6})\.(\d{1,6})\.(\d{1,6})/.exec(version);
  return parts === null ? null : parts.slice(1).map(Number);
}

function compare(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((part, i) => part !== b[i]);
  return index < 0 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}
