// A small network trained and asked in turns on the CPU backend; what a step makes is disposed of.
export default {
  packages: { healthy: '@tensorflow/tfjs' },
  async start({ default: tf }) {
    await tf.setBackend('cpu');
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ inputShape: [16], units: 32, activation: 'relu' }),
        tf.layers.dense({ units: 3, activation: 'softmax' }),
      ],
    });
    model.compile({ optimizer: tf.train.adam(0.01), loss: 'categoricalCrossentropy' });
    return async () => {
      const inputs = tf.randomUniform([64, 16]);
      const labels = tf.tidy(() => tf.oneHot(tf.argMax(inputs.slice([0, 0], [64, 3]), 1), 3));
      await model.trainOnBatch(inputs, labels);
      tf.tidy(() => model.predict(inputs).argMax(1).dataSync());
      tf.dispose([inputs, labels]);
    };
  },
};
