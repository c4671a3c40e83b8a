// Uploads of a quarter of a megabyte into memory, hashed and let go.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import express from 'express';
export default {
  packages: { healthy: 'multer' },
  perSecond: 40,
  async start({ default: multer }) {
    const upload = multer({ storage: multer.memoryStorage() });
    const app = express();
    app.post('/photos', upload.array('photos', 4), (request, response) =>
      response.json(request.files.map(({ buffer }) => createHash('sha256').update(buffer).digest('hex'))),
    );
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${server.address().port}/photos`;
    const photo = new Blob([Buffer.alloc(125_000, 'p')], { type: 'image/jpeg' });
    let n = 0;
    return async () => {
      const form = new FormData();
      for (let i = 0; i < 2; i += 1) form.append('photos', photo, `photo-${(n += 1)}.jpg`);
      await (await fetch(url, { method: 'POST', body: form })).json();
    };
  },
};
