// SPDX-License-Identifier: BSD-3-Clause
// Writes tests/data/onnx: recurrent operators computed by ONNX Runtime. Needs Node.js and the package
// onnxruntime-node; made with versions 20.20 and 1.30.0 of them.
//
//   npm install onnxruntime-node && node tests/data/make_onnx_fixtures.mjs
//
// Each operator reads both ways: 5 steps, a batch of 2, vectors of size 3, 4 hidden units; every weight is random.
import {createRequire} from 'node:module';
import {mkdirSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
const ort = createRequire(join(process.cwd(), 'x.js'))('onnxruntime-node');
const root = join(dirname(fileURLToPath(import.meta.url)), 'onnx');
const [steps, batch, size, hidden] = [5, 2, 3, 4];

// As much of protocol buffers as a model with one operator needs.
const varint = (n) => { const out = []; for (; n > 127; n = Math.floor(n / 128)) out.push(n % 128 + 128); return [...out, n]; };
const number = (field, n) => Buffer.from([...varint(field * 8), ...varint(n)]);
const bytes = (field, data) => Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(data.length)]), data]);
const text = (field, s) => bytes(field, Buffer.from(s));
const message = (field, ...parts) => bytes(field, Buffer.concat(parts));

const raw = (values) => Buffer.from(Float32Array.from(values).buffer);
const tensor = (name, shape, values) =>
    message(5, ...shape.map((n) => number(1, n)), number(2, 1), text(8, name), bytes(9, raw(values)));
const value = (field, name, shape) => message(field, text(1, name), message(2, message(1, number(1, 1),
    message(2, ...shape.map((n) => message(1, number(1, n)))))));
const integer = (name, n) => message(5, text(1, name), number(3, n), number(20, 2));
const string = (name, s) => message(5, text(1, name), text(4, s), number(20, 3));

function npy(folder, name, shape, values) {
  const list = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  let header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${list}), }`;
  header += ' '.repeat(63 - (10 + header.length) % 64) + '\n';
  const head = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length % 256, header.length >> 8]);
  writeFileSync(join(folder, name + '.npy'), Buffer.concat([head, Buffer.from(header), raw(values)]));
}

let seed = 1;
const random = (count) => Float32Array.from({length: count}, () => {
  seed = (seed * 48271) % 2147483647;
  return seed / 2147483647 * 2 - 1;
});
const product = (shape) => shape.reduce((a, b) => a * b, 1);

for (const [operator, folder_name, gates, extra] of [['LSTM', 'lstm', 4, []], ['RNN', 'elman', 1, []],
                                                     ['GRU', 'gru', 3, [integer('linear_before_reset', 1)]]]) {
  const folder = join(root, folder_name);
  mkdirSync(folder, {recursive: true});
  const shapes = {X: [steps, batch, size], W: [2, gates * hidden, size], R: [2, gates * hidden, hidden],
                  B: [2, 2 * gates * hidden]};
  const values = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, random(product(shape))]));
  const output = [steps, 2, batch, hidden];
  const node = message(1, ...['X', 'W', 'R', 'B'].map((name) => text(1, name)), text(2, 'Y'), text(4, operator),
      integer('hidden_size', hidden), string('direction', 'bidirectional'), ...extra);
  const graph = message(7, node, text(2, 'graph'), ...['W', 'R', 'B'].map((n) => tensor(n, shapes[n], values[n])),
      value(11, 'X', shapes.X), value(12, 'Y', output));
  const model = Buffer.concat([number(1, 8), graph, message(8, text(1, ''), number(2, 14))]);
  const session = await ort.InferenceSession.create(model);
  const result = await session.run({X: new ort.Tensor('float32', values.X, shapes.X)});
  for (const name of Object.keys(shapes)) npy(folder, name, shapes[name], values[name]);
  npy(folder, 'Y', output, result.Y.data);
}
