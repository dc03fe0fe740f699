// SPDX-License-Identifier: BSD-3-Clause
// Writes tests/data/onednn: recurrent primitives computed by oneDNN. Made with version 2.6.3 (Debian's
// libdnnl-dev). From the root of the repository:
//
//   g++ -std=c++20 -Iinclude -I/usr/include/eigen3 tests/data/make_onednn_fixtures.cpp -ldnnl -o /tmp/make &&
//   /tmp/make
//
// One layer reads both ways: 5 steps, a batch of 2, vectors of size 3, 4 hidden units; every weight is random.
#include <dnnl.hpp>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "rnnscope/core/file.hpp"
#include "rnnscope/core/random.hpp"
#include "rnnscope/format/npy_array.hpp"

namespace rs = rnnscope;
using Memory = dnnl::memory;
using Tag = Memory::format_tag;

int main() {
  const Memory::dim steps = 5, batch = 2, size = 3, hidden = 4;
  rs::Random random(3);
  dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  dnnl::stream stream(engine);
  for (const std::string cell : {"lstm", "gru", "elman"}) {
    const Memory::dim gates = cell == "lstm"  ? 4
                              : cell == "gru" ? 3
                                              : 1,
                      parts = gates + (cell == "gru" ? 1 : 0);
    const std::map<std::string, std::pair<Memory::dims, Tag>> shapes{
        {"x", {{steps, batch, size}, Tag::tnc}},
        {"weights_layer", {{1, 2, size, gates, hidden}, Tag::ldigo}},
        {"weights_iter", {{1, 2, hidden, gates, hidden}, Tag::ldigo}},
        {"bias", {{1, 2, parts, hidden}, Tag::ldgo}},
        {"y", {{steps, batch, 2 * hidden}, Tag::tnc}},
        {"state", {{1, 2, batch, hidden}, Tag::ldnc}}};
    std::map<std::string, Memory> memory;
    const auto description = [&](const char* name) {
      return Memory::desc(shapes.at(name).first, Memory::data_type::f32, shapes.at(name).second);
    };
    for (const char* const name : {"x", "weights_layer", "weights_iter", "bias", "y"}) {
      memory[name] = Memory(description(name), engine);
      auto* const values = static_cast<float*>(memory[name].get_data_handle());
      for (std::size_t k = 0; k < description(name).get_size() / sizeof(float); ++k)
        values[k] = static_cast<float>(random.uniform(-1, 1));
    }
    const auto kind = dnnl::prop_kind::forward_inference;
    const auto direction = dnnl::rnn_direction::bidirectional_concat;
    const Memory::desc none;  // the states before are zero, those after are not asked for
    dnnl::primitive primitive;
    if (cell == "lstm") {
      using P = dnnl::lstm_forward;
      primitive = P(P::primitive_desc(
          P::desc(kind, direction, description("x"), none, none, description("weights_layer"),
                  description("weights_iter"), description("bias"), description("y"), none, none),
          engine));
    } else if (cell == "gru") {
      using P = dnnl::lbr_gru_forward;
      primitive =
          P(P::primitive_desc(P::desc(kind, direction, description("x"), none, description("weights_layer"),
                                      description("weights_iter"), description("bias"), description("y"), none),
                              engine));
    } else {
      using P = dnnl::vanilla_rnn_forward;
      primitive = P(P::primitive_desc(P::desc(kind, dnnl::algorithm::eltwise_tanh, direction, description("x"),
                                              none, description("weights_layer"), description("weights_iter"),
                                              description("bias"), description("y"), none),
                                      engine));
    }
    primitive.execute(stream, {{DNNL_ARG_SRC_LAYER, memory["x"]},
                               {DNNL_ARG_WEIGHTS_LAYER, memory["weights_layer"]},
                               {DNNL_ARG_WEIGHTS_ITER, memory["weights_iter"]},
                               {DNNL_ARG_BIAS, memory["bias"]},
                               {DNNL_ARG_DST_LAYER, memory["y"]}});
    stream.wait();
    const std::filesystem::path folder = std::filesystem::path("tests/data/onednn") / cell;
    std::filesystem::create_directories(folder);
    for (auto& [name, values] : memory) {
      rs::NamedArray array{name, rs::Dtype::F32, {}, {}};
      for (const Memory::dim n : shapes.at(name).first) array.shape.push_back(n);
      const auto* const bytes = static_cast<const std::byte*>(values.get_data_handle());
      array.bytes.assign(bytes, bytes + values.get_desc().get_size());
      rs::write_file(folder / (name + ".npy"), {rs::npy_from_named_array(array)});
    }
  }
}
