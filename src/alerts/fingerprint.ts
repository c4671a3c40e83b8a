/**
 * Short stable names for alerts and notifications: 64 bits of cyrb53's mixing (public domain, bryc), as 16 hexadecimal
 * digits. Not a secret and not proof against an attacker, who could at most make two of his own processes share an alert.
 */
export function fingerprint(...parts: readonly string[]): string {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (const part of parts) {
    for (let i = 0; i < part.length; i += 1) {
      const code = part.charCodeAt(i);
      a = Math.imul(a ^ code, 2_654_435_761);
      b = Math.imul(b ^ code, 1_597_334_677);
    }
    // Ends the part: 'a','bc' and 'ab','c' differ.
    a = Math.imul(a ^ 0x10_000, 2_654_435_761);
    b = Math.imul(b ^ 0x10_000, 1_597_334_677);
  }
  const mixedA = Math.imul(a ^ (a >>> 16), 2_246_822_507) ^ Math.imul(b ^ (b >>> 13), 3_266_489_909);
  const mixedB = Math.imul(b ^ (b >>> 16), 2_246_822_507) ^ Math.imul(mixedA ^ (mixedA >>> 13), 3_266_489_909);
  return [mixedA, mixedB].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
}
