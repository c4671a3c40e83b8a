import { createHmac } from 'node:crypto';
import { RampartError } from '../../model/index.ts';

/** Standard Webhooks: 24 to 64 random bytes, base64, with or without `whsec_`. */
export function readSigningKey(secret: string): Uint8Array {
  const text = secret.replace(/^whsec_/, '');
  const key = Buffer.from(text, 'base64');
  const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(text);
  if (isBase64 && key.length >= 24 && key.length <= 64) return key;
  throw new RampartError(
    'bad-config',
    'the signing secret is not 24 to 64 bytes in base64',
    'Make one: echo whsec_$(head -c 32 /dev/urandom | base64)',
  );
}

/** Symmetric signature, version 1: HMAC-SHA256 over `id.timestamp.body`. */
export function signature(key: Uint8Array, id: string, timestamp: string, body: string): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}
