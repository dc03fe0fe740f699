// SPDX-License-Identifier: BSD-3-Clause
// The forward cases of recurrent.cpp in onnxruntime; prints tokens per second as one JSON object. Needs
// `npm install onnxruntime-node` in this folder or a parent, or NODE_PATH; the model is written here, byte by byte.
import { createRequire } from 'node:module';
import process from 'node:process';

const require = createRequire(process.env.NODE_PATH ? process.env.NODE_PATH + '/' : import.meta.url);
const { InferenceSession, Tensor } = require('onnxruntime-node');
const quick = process.argv.includes('quick');
const [hidden, embedding, batch, steps, stream] = quick ? [64, 32, 10, 10, 50] : [512, 256, 100, 100, 2000];

// Protocol buffers: a field is its key (number and wire type) and a varint or length-prefixed bytes.
const varint = (value) => {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Buffer.from([...bytes, value]);
};
const number = (field, value) => Buffer.concat([varint(field * 8), varint(value)]);
const bytes = (field, value) => {
  const content = Buffer.isBuffer(value) ? value : Buffer.from(value);
  return Buffer.concat([varint(field * 8 + 2), varint(content.length), content]);
};
const all = (...parts) => Buffer.concat(parts);

const floats = 1;  // ONNX's number of the element type
function weight(name, dims) {
  const values = new Float32Array(dims.reduce((a, b) => a * b));
  for (let k = 0; k < values.length; ++k) values[k] = 0.01 * (((k * 7) % 23) - 11);
  return all(...dims.map((d) => number(1, d)), number(2, floats), bytes(8, name), bytes(9, Buffer.from(values.buffer)));
}
function value(name) {
  return all(bytes(1, name), bytes(2, bytes(1, number(1, floats))));
}
function model() {
  const nodes = [], weights = [];
  for (let l = 0; l < 3; ++l) {
    const size = l === 0 ? embedding : hidden;
    weights.push(weight(`W${l}`, [1, 4 * hidden, size]), weight(`R${l}`, [1, 4 * hidden, hidden]),
      weight(`B${l}`, [1, 8 * hidden]));
    const size_attribute = all(bytes(1, 'hidden_size'), number(3, hidden), number(20, 2));
    nodes.push(all(bytes(1, `x${l}`), bytes(1, `W${l}`), bytes(1, `R${l}`), bytes(1, `B${l}`), bytes(2, `y${l}`),
      bytes(4, 'LSTM'), bytes(5, size_attribute)));
    const axes = all(bytes(1, 'axes'), number(8, 1), number(20, 7));
    nodes.push(all(bytes(1, `y${l}`), bytes(2, `x${l + 1}`), bytes(4, 'Squeeze'), bytes(5, axes)));
  }
  const graph = all(...nodes.map((n) => bytes(1, n)), bytes(2, 'lstm'), ...weights.map((w) => bytes(5, w)),
    bytes(11, value('x0')), bytes(12, value('x3')));
  return all(number(1, 7), bytes(8, number(2, 11)), bytes(7, graph));
}

const session = await InferenceSession.create(model(), { intraOpNumThreads: 2, interOpNumThreads: 1 });
async function rate(length, columns) {
  const x = new Tensor('float32', new Float32Array(length * columns * embedding).fill(0.1), [length, columns, embedding]);
  await session.run({ x0: x });
  const rates = [];
  for (let round = 0; round < 5; ++round) {
    const begin = process.hrtime.bigint();
    await session.run({ x0: x });
    rates.push((length * columns) / (Number(process.hrtime.bigint() - begin) * 1e-9));
  }
  return rates.sort((a, b) => a - b)[2];
}
console.log(JSON.stringify({ forward: await rate(steps, batch), stream: await rate(stream, 1) }));
