import manifest from '../../package.json' with { type: 'json' };

/** Version of this package; client and service compare theirs in the handshake. */
export const VERSION: string = manifest.version;
