#!/usr/bin/env python3
"""Writes a checkpoint of train_vit.py as GGUF (architecture "vit": matrices Q8_0, the rest F32), its figures as JSON.

The accuracy on the test images is that of the file read back, computed in FP32 with numpy (reference_vit.py).
"""

import argparse
import json
import pathlib

import gguf
import numpy as np
import torch

import reference_vit
from export_gguf import dump
from reference_vit import DATA, read_idx

HERE = pathlib.Path(__file__).resolve().parent
LABELS = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]


def write(path: pathlib.Path, config: dict, weights: dict) -> None:
    """weights: GGUF tensor name -> FP32 array, matrices [out, in]."""
    w = gguf.GGUFWriter(path, "vit")
    w.add_name(path.stem)
    w.add_description("A small Vision Transformer for Fashion-MNIST; made by the Wren project.")
    w.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    w.add_quantization_version(gguf.GGML_QUANT_VERSION)
    w.add_context_length((config["image"] // config["patch"]) ** 2)
    w.add_embedding_length(config["dim"])
    w.add_block_count(config["layers"])
    w.add_feed_forward_length(config["hidden"])
    w.add_head_count(config["heads"])
    w.add_layer_norm_eps(config["norm_eps"])
    w.add_causal_attention(False)
    w.add_pooling_type(gguf.PoolingType.MEAN)
    w.add_uint32("vit.image_size", config["image"])
    w.add_uint32("vit.patch_size", config["patch"])
    w.add_uint32("vit.image_channels", config["channels"])
    w.add_array("vit.image_mean", [float(config["mean"])])
    w.add_array("vit.image_std", [float(config["std"])])
    w.add_array("vit.classifier.output_labels", LABELS)
    q8 = gguf.GGMLQuantizationType.Q8_0
    for name, value in weights.items():
        # Rows of whole blocks only; the position table is added, not multiplied.
        if value.ndim == 2 and value.shape[1] % 32 == 0 and not name.startswith("position"):
            w.add_tensor(name, gguf.quantize(value, q8), raw_dtype=q8)
        else:
            w.add_tensor(name, value)
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, default=DATA)
    parser.add_argument("--build", type=pathlib.Path, default=HERE / "build", help="where the checkpoint is")
    parser.add_argument("--name", default="wren-vit", help="checkpoint name")
    parser.add_argument("--out", type=pathlib.Path, default=HERE / "wren-vit.gguf", help="the JSON goes beside it")
    args = parser.parse_args()

    checkpoint = torch.load(args.build / f"{args.name}.pt")
    weights = {k: np.ascontiguousarray(v.numpy(), dtype=np.float32) for k, v in checkpoint["weights"].items()}
    write(args.out, checkpoint["config"], weights)

    model = reference_vit.load(args.out)
    images = read_idx(args.data / "t10k-images-idx3-ubyte.gz")
    labels = read_idx(args.data / "t10k-labels-idx1-ubyte.gz")

    def accuracy(m, round_inputs=False):
        logits = reference_vit.forward(m, images, round_inputs)
        return round(float((logits.argmax(axis=1) == labels).mean()), 4), logits

    stored, logits = accuracy(model)
    result = dict(
        file=args.out.name, bytes=args.out.stat().st_size, parameters=sum(w.size for w in model.weights.values()),
        config=checkpoint["config"], steps=checkpoint["step"],
        training={k: v for k, v in checkpoint["args"].items() if k not in ("data", "build", "name", "report")},
        test=dict(images=len(images),
                  fp32_weights=accuracy(reference_vit.Model(model.metadata, weights))[0], q8_0_weights=stored,
                  q8_0_weights_and_activations=accuracy(model, True)[0]),
        first_logits=[round(float(x), 5) for x in logits[0]])
    args.out.with_suffix(".json").write_text(dump(result))
    print(json.dumps({k: result[k] for k in ("bytes", "parameters", "steps", "test")}, indent=1))


if __name__ == "__main__":
    main()
