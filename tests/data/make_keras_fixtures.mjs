// SPDX-License-Identifier: BSD-3-Clause
// Writes tests/data/keras: recurrent layers computed by TensorFlow.js, whose layers are those of Keras (but its
// GRU, which only has reset_after=False). Needs Node.js and the package @tensorflow/tfjs; made with versions 20.20
// and 4.22.0 of them.
//
//   npm install @tensorflow/tfjs && node tests/data/make_keras_fixtures.mjs
//
// 5 steps, a batch of 2, vectors of size 3, 4 hidden units; every weight is random.
import {createRequire} from 'node:module';
import {mkdirSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
const tf = createRequire(join(process.cwd(), 'x.js'))('@tensorflow/tfjs');
const root = join(dirname(fileURLToPath(import.meta.url)), 'keras');
const [steps, batch, size, hidden] = [5, 2, 3, 4];

function npy(folder, name, shape, values) {
  const list = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  let header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${list}), }`;
  header += ' '.repeat(63 - (10 + header.length) % 64) + '\n';
  const head = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length % 256, header.length >> 8]);
  const raw = Buffer.from(Float32Array.from(values).buffer);
  writeFileSync(join(folder, name + '.npy'), Buffer.concat([head, Buffer.from(header), raw]));
}

let seed = 2;
const random = (count) => Float32Array.from({length: count}, () => {
  seed = (seed * 48271) % 2147483647;
  return seed / 2147483647 * 2 - 1;
});
const product = (shape) => shape.reduce((a, b) => a * b, 1);

for (const [make, folder_name, gates, extra] of [
  [tf.layers.lstm, 'lstm', 4, {recurrentActivation: 'sigmoid'}], [tf.layers.simpleRNN, 'elman', 1, {}]]) {
  const folder = join(root, folder_name);
  mkdirSync(folder, {recursive: true});
  const shapes = {x: [batch, steps, size], kernel: [size, gates * hidden],
                  recurrent_kernel: [hidden, gates * hidden], bias: [gates * hidden]};
  const values = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, random(product(shape))]));
  const layer = make({units: hidden, returnSequences: true, activation: 'tanh', ...extra});
  const input = tf.tensor(values.x, shapes.x);
  layer.apply(input);  // makes the weights
  layer.setWeights(['kernel', 'recurrent_kernel', 'bias'].map((name) => tf.tensor(values[name], shapes[name])));
  const y = layer.apply(input);
  for (const name of Object.keys(shapes)) npy(folder, name, shapes[name], values[name]);
  npy(folder, 'y', y.shape, y.dataSync());
}
