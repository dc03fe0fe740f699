// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A stack of oneDNN's LSTM primitives, and nothing else: the peer that the recurrent engine is measured
/// against.
#pragma once

// RNNSCOPE_HAS_ONEDNN is set by CMake where oneDNN was found.
#if defined(RNNSCOPE_HAS_ONEDNN)
#include <dnnl.hpp>

#include <unordered_map>
#include <vector>

/// `layers` LSTM layers over `steps` steps of `batch` sequences in f32, forward and backward; random weights.
class OnednnLstm {
 public:
  OnednnLstm(long input, long hidden, int layers, long steps, long batch, bool training)
      : engine_(dnnl::engine::kind::cpu, 0), stream_(engine_) {
    for (int l = 0; l < layers; ++l) add_layer(l == 0 ? input : hidden, hidden, steps, batch, training);
  }

  void forward() {
    for (Layer& layer : layers_) layer.forward.execute(stream_, layer.forward_arguments);
    stream_.wait();
  }
  void backward() {
    for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer)
      layer->backward.execute(stream_, layer->backward_arguments);
    stream_.wait();
  }

 private:
  using Arguments = std::unordered_map<int, dnnl::memory>;
  struct Layer {
    dnnl::primitive forward, backward;
    Arguments forward_arguments, backward_arguments;
  };

  dnnl::memory filled(const dnnl::memory::desc& desc) {
    dnnl::memory memory(desc, engine_);
    auto* const values = static_cast<float*>(memory.get_data_handle());
    for (std::size_t k = 0; k < desc.get_size() / sizeof(float); ++k)
      values[k] = 0.01F * static_cast<float>(static_cast<int>(k * 7 % 23) - 11);
    return memory;
  }

  void add_layer(long input, long hidden, long steps, long batch, bool training) {
    using dnnl::memory;
    using tag = memory::format_tag;
    const auto f32 = memory::data_type::f32;
    const memory::desc x({steps, batch, input}, f32, tag::tnc), h({steps, batch, hidden}, f32, tag::tnc);
    const memory::desc state({1, 1, batch, hidden}, f32, tag::ldnc), bias({1, 1, 4, hidden}, f32, tag::ldgo);
    const memory::desc w_x({1, 1, input, 4, hidden}, f32, tag::any),
        w_h({1, 1, hidden, 4, hidden}, f32, tag::any);
    const auto direction = dnnl::rnn_direction::unidirectional_left2right;
    const auto kind = training ? dnnl::prop_kind::forward_training : dnnl::prop_kind::forward_inference;
    const dnnl::lstm_forward::primitive_desc forward(
        {kind, direction, x, state, state, w_x, w_h, bias, h, state, state}, engine_);
    Layer layer;
    layer.forward = dnnl::lstm_forward(forward);
    layer.forward_arguments = {{DNNL_ARG_SRC_LAYER, filled(x)},
                               {DNNL_ARG_SRC_ITER, filled(state)},
                               {DNNL_ARG_SRC_ITER_C, filled(state)},
                               {DNNL_ARG_WEIGHTS_LAYER, filled(forward.weights_layer_desc())},
                               {DNNL_ARG_WEIGHTS_ITER, filled(forward.weights_iter_desc())},
                               {DNNL_ARG_BIAS, filled(bias)},
                               {DNNL_ARG_DST_LAYER, filled(h)},
                               {DNNL_ARG_DST_ITER, filled(state)},
                               {DNNL_ARG_DST_ITER_C, filled(state)}};
    if (training) {
      layer.forward_arguments[DNNL_ARG_WORKSPACE] = dnnl::memory(forward.workspace_desc(), engine_);
      const dnnl::lstm_backward::primitive_desc backward({dnnl::prop_kind::backward,
                                                          direction,
                                                          x,
                                                          state,
                                                          state,
                                                          w_x,
                                                          w_h,
                                                          bias,
                                                          h,
                                                          state,
                                                          state,
                                                          x,
                                                          state,
                                                          state,
                                                          w_x,
                                                          w_h,
                                                          bias,
                                                          h,
                                                          state,
                                                          state},
                                                         engine_, forward);
      layer.backward = dnnl::lstm_backward(backward);
      layer.backward_arguments = layer.forward_arguments;
      layer.backward_arguments[DNNL_ARG_WEIGHTS_LAYER] = filled(backward.weights_layer_desc());
      layer.backward_arguments[DNNL_ARG_WEIGHTS_ITER] = filled(backward.weights_iter_desc());
      layer.backward_arguments[DNNL_ARG_DIFF_SRC_LAYER] = filled(x);
      layer.backward_arguments[DNNL_ARG_DIFF_SRC_ITER] = filled(state);
      layer.backward_arguments[DNNL_ARG_DIFF_SRC_ITER_C] = filled(state);
      layer.backward_arguments[DNNL_ARG_DIFF_WEIGHTS_LAYER] = filled(backward.diff_weights_layer_desc());
      layer.backward_arguments[DNNL_ARG_DIFF_WEIGHTS_ITER] = filled(backward.diff_weights_iter_desc());
      layer.backward_arguments[DNNL_ARG_DIFF_BIAS] = filled(bias);
      layer.backward_arguments[DNNL_ARG_DIFF_DST_LAYER] = filled(h);
      layer.backward_arguments[DNNL_ARG_DIFF_DST_ITER] = filled(state);
      layer.backward_arguments[DNNL_ARG_DIFF_DST_ITER_C] = filled(state);
    }
    layers_.push_back(std::move(layer));
  }

  dnnl::engine engine_;
  dnnl::stream stream_;
  std::vector<Layer> layers_;
};
#endif
