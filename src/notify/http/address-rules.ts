import { BlockList, isIP, isIPv4 } from 'node:net';
import { RampartError } from '../../model/index.ts';

/** Which addresses a request may go to. */
export interface AddressRules {
  /** Null: it may. Else why not. */
  refusal(address: string): string | null;
}

/**
 * What is not the public internet. Sources: the IANA registries of special-purpose IPv4 and IPv6 addresses (RFC 6890 and
 * its updates). `::/96` holds the IPv4-compatible forms, which the mapped rules of `BlockList` miss; 6to4, Teredo and NAT64
 * carry an IPv4 address inside.
 */
const NOT_PUBLIC: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.0.2.0', 24, 'ipv4'],
  ['192.88.99.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['198.51.100.0', 24, 'ipv4'],
  ['203.0.113.0', 24, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 96, 'ipv6'],
  ['64:ff9b::', 96, 'ipv6'],
  ['64:ff9b:1::', 48, 'ipv6'],
  ['100::', 64, 'ipv6'],
  ['2001::', 23, 'ipv6'],
  ['2001:db8::', 32, 'ipv6'],
  ['2002::', 16, 'ipv6'],
  ['3fff::', 20, 'ipv6'],
  ['5f00::', 16, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 9, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
];

const notPublic = new BlockList();
for (const [net, prefix, family] of NOT_PUBLIC) notPublic.addSubnet(net, prefix, family);

/** Public addresses, and what `allowed` (addresses, CIDR blocks) lists. */
export function addressRules(allowed: readonly string[]): AddressRules {
  const exceptions = new BlockList();
  for (const entry of allowed) addEntry(exceptions, entry);
  return {
    refusal(given) {
      const address = plain(given);
      const version = isIP(address);
      if (version === 0) return `${given} is no address`;
      const family = version === 4 ? 'ipv4' : 'ipv6';
      if (!notPublic.check(address, family) || exceptions.check(address, family)) return null;
      return `${given} is not a public address`;
    },
  };
}

/** Without brackets and zone; an IPv4-mapped address as the IPv4 address that it is. */
function plain(address: string): string {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  if (isIPv4(bare) || isIP(bare) === 0) return bare;
  // The URL parser writes every form of an IPv6 address in one way: `[::ffff:7f00:1]`.
  const normal = new URL(`http://[${bare}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(normal);
  if (mapped === null) return normal;
  const [high, low] = [Number.parseInt(mapped[1] ?? '', 16), Number.parseInt(mapped[2] ?? '', 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function addEntry(list: BlockList, entry: string): void {
  const [net = '', prefix, ...rest] = entry.split('/');
  const version = isIP(net);
  const widest = version === 4 ? 32 : 128;
  const bits = prefix === undefined ? widest : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  const sound = version !== 0 && rest.length === 0 && bits <= widest;
  if (!sound) {
    throw new RampartError(
      'bad-config',
      `'${entry}' is no address and no CIDR block`,
      "Write '127.0.0.1' or '10.0.0.0/8'.",
    );
  }
  list.addSubnet(net, bits, version === 4 ? 'ipv4' : 'ipv6');
}
