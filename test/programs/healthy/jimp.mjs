// Pictures made, scaled, and packed as PNG in JavaScript: large buffers come and go.
export default {
  packages: { healthy: 'jimp' },
  start({ Jimp }) {
    let n = 0;
    return async () => {
      const image = new Jimp({ width: 320 + ((n += 1) % 5) * 40, height: 240, color: 0x3366ffff });
      image.resize({ w: 160 }).blur(2);
      return (await image.getBuffer('image/png')).length;
    };
  },
};
