// Uploads go through temporary files in memory; unlinked while still open, a file stays until its descriptor is closed.
import { randomBytes } from 'node:crypto';
export default {
  source: 'streamich/memfs, as in fs: unlink frees a file when its last descriptor is closed',
  packages: { leaky: 'memfs', fixed: 'memfs' },
  kind: 'external',
  perSecond: 12,
  start({ default: { Volume } }, variant) {
    const fs = new Volume();
    fs.mkdirSync('/tmp', { recursive: true });
    let n = 0;
    return async () => {
      const path = `/tmp/upload-${(n += 1)}`;
      const fd = fs.openSync(path, 'w+');
      for (let i = 0; i < 4; i += 1) fs.writeSync(fd, randomBytes(16_384));
      fs.fstatSync(fd);
      fs.unlinkSync(path);
      if (variant === 'fixed') fs.closeSync(fd);
    };
  },
};
