"""Architectures of ``transformers``, small and with random weights, in one line each.

With masks, sequence-to-sequence, mixtures of experts, and convolutional networks for images. What
torch has formulas for is what FlopCounterMode counts on a run on real values; every pooling is
counted again tap by tap.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import nn

import costmodel
from costmodel import ModelCost
from tests.costmodel.whole.second_counts import counted_by_torch, said_by_torch, tap_by_tap

pytestmark = pytest.mark.slow

os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
transformers = pytest.importorskip("transformers")
tokenizers = pytest.importorskip("tokenizers")

IDS = torch.arange(3, 21).reshape(2, 9)
MASK = torch.ones_like(IDS)
TEXT: dict[str, Any] = dict(input_ids=IDS, attention_mask=MASK)
BOTH: dict[str, Any] = TEXT | dict(decoder_input_ids=IDS)
IMAGE: dict[str, Any] = dict(pixel_values=(1, 3, 64, 64))
PIXELS: dict[str, Any] = dict(pixel_values=torch.zeros(1, 3, 64, 64))

_BODY: dict[str, Any] = dict(
    hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64
)
_WORDS: dict[str, Any] = _BODY | dict(vocab_size=60)
_PATCHES: dict[str, Any] = _BODY | dict(image_size=64, patch_size=16)
_TWO: dict[str, Any] = dict(
    d_model=32, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4,
    decoder_attention_heads=4, encoder_ffn_dim=64, decoder_ffn_dim=64, vocab_size=60,
)  # fmt: skip
_GROUPED: dict[str, Any] = _WORDS | dict(num_key_value_heads=2)
_STAGES: dict[str, Any] = dict(hidden_sizes=[8, 16], depths=[1, 2], num_stages=2)
_FOUR: dict[str, Any] = dict(
    hidden_sizes=[8, 8, 16, 16], depths=[1, 1, 1, 1], num_attention_heads=[1, 1, 2, 2]
)

#: The class of the model → the arguments of its configuration, its inputs, and how many poolings.
ARCHITECTURES: dict[str, tuple[dict[str, Any], dict[str, Any], int]] = {
    "BertModel": (_WORDS, TEXT, 0),
    "RobertaModel": (_WORDS, TEXT, 0),
    "DistilBertModel": (
        dict(dim=32, n_layers=2, n_heads=4, hidden_dim=64, vocab_size=60), TEXT, 0,
    ),
    "ElectraModel": (_WORDS | dict(embedding_size=16), TEXT, 0),
    "AlbertModel": (_WORDS | dict(embedding_size=16), TEXT, 0),
    "DebertaV2Model": (_WORDS, TEXT, 0),
    "MPNetModel": (_WORDS, TEXT, 0),
    "ModernBertModel": (_WORDS | dict(pad_token_id=0), TEXT, 0),
    "GPT2LMHeadModel": (dict(n_embd=32, n_layer=2, n_head=4, vocab_size=60), TEXT, 0),
    "LlamaForCausalLM": (_GROUPED, TEXT, 0),
    "Qwen2ForCausalLM": (_GROUPED, TEXT, 0),
    "GemmaForCausalLM": (_GROUPED | dict(head_dim=8), TEXT, 0),
    "MistralForCausalLM": (_GROUPED, TEXT, 0),
    "PhiForCausalLM": (_WORDS, TEXT, 0),
    # A token's experts are summed up: an axis of two, in each of two layers.
    "MixtralForCausalLM": (_GROUPED | dict(num_local_experts=4), TEXT, 2),
    "Qwen2MoeForCausalLM": (
        _GROUPED | dict(
            num_experts=4, num_experts_per_tok=2, moe_intermediate_size=16,
            shared_expert_intermediate_size=16,
        ), TEXT, 2,
    ),
    "T5ForConditionalGeneration": (
        dict(d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4, vocab_size=60,
             decoder_start_token_id=0), BOTH, 0,
    ),
    "BartForConditionalGeneration": (_TWO, BOTH, 0),
    "MambaForCausalLM": (
        dict(hidden_size=32, num_hidden_layers=2, vocab_size=60, state_size=4),
        dict(input_ids=IDS), 0,
    ),
    "WhisperForConditionalGeneration": (
        _TWO | dict(num_mel_bins=8, max_source_positions=20, max_target_positions=20,
                    pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1),
        dict(input_features=(2, 8, 40), decoder_input_ids=IDS), 0,
    ),
    "ViTModel": (_PATCHES, IMAGE, 0),
    "DeiTModel": (_PATCHES, IMAGE, 0),
    "BeitForImageClassification": (_PATCHES, IMAGE, 1),
    "Dinov2Model": (
        dict(image_size=64, patch_size=16, hidden_size=32, num_hidden_layers=2,
             num_attention_heads=4), IMAGE, 0,
    ),
    "SwinForImageClassification": (
        dict(image_size=64, patch_size=4, embed_dim=12, depths=[1, 2], num_heads=[2, 4],
             window_size=4), IMAGE, 1,
    ),
    "ConvNextForImageClassification": (_STAGES, IMAGE, 1),
    "ConvNextV2ForImageClassification": (_STAGES, IMAGE, 1),
    "ResNetForImageClassification": (
        dict(embedding_size=8, hidden_sizes=[16, 32], depths=[1, 2]), IMAGE, 2,
    ),
    "RegNetForImageClassification": (
        dict(embedding_size=8, hidden_sizes=[16, 32], depths=[1, 2], groups_width=8), IMAGE, 4,
    ),
    "MobileNetV1ForImageClassification": (
        dict(depth_multiplier=0.25, image_size=64), IMAGE, 1,
    ),
    "MobileNetV2ForImageClassification": (
        dict(depth_multiplier=0.25, image_size=64), IMAGE, 1,
    ),
    "EfficientNetForImageClassification": (
        dict(width_coefficient=0.25, depth_coefficient=0.25, hidden_dim=320, image_size=64),
        IMAGE, 8,
    ),
    "MobileViTForImageClassification": (
        dict(image_size=64, hidden_sizes=[16, 24, 32],
             neck_hidden_sizes=[8, 8, 16, 16, 24, 24, 32]), IMAGE, 1,
    ),
    "PoolFormerForImageClassification": (
        dict(depths=[1, 1], hidden_sizes=[8, 16], patch_sizes=[7, 3], strides=[4, 2],
             padding=[2, 1], num_encoder_blocks=2), IMAGE, 3,
    ),
    "LevitForImageClassification": (dict(image_size=64), IMAGE, 2),
    "BitForImageClassification": (
        dict(embedding_size=32, hidden_sizes=[32, 64], depths=[1, 1], num_groups=8), IMAGE, 2,
    ),
    "FocalNetForImageClassification": (
        dict(image_size=64, embed_dim=8, depths=[1, 1], focal_levels=[2, 2],
             focal_windows=[3, 3]), IMAGE, 5,
    ),
    "SegformerForSemanticSegmentation": (_FOUR | dict(decoder_hidden_size=16), IMAGE, 0),
    "PvtForImageClassification": (_FOUR | dict(image_size=64), IMAGE, 0),
    "DetrForObjectDetection": (
        _TWO | dict(use_timm_backbone=False, backbone=None, num_queries=5, backbone_config=dict(
            model_type="resnet", embedding_size=8, hidden_sizes=[16, 32], depths=[1, 2],
            out_features=["stage2"],
        )), PIXELS, 1,
    ),
    "YolosForObjectDetection": (
        _PATCHES | dict(image_size=[64, 64], num_detection_tokens=5), IMAGE, 0,
    ),
    "CLIPVisionModel": (_PATCHES, IMAGE, 0),
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_gradients() -> Iterator[None]:
    """Keep no graph."""
    with torch.no_grad():
        yield


def made(name: str) -> nn.Module:
    """Return a small model of a class, with random weights."""
    torch.manual_seed(0)
    kind: Any = getattr(transformers, name)
    model: nn.Module = kind(kind.config_class(**ARCHITECTURES[name][0]))
    return model.eval()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_an_architecture(name: str) -> None:
    """Equal to torch where torch counts, and to the windows where there are poolings."""
    _, inputs, poolings = ARCHITECTURES[name]
    model = made(name)
    cost = costmodel.of_model(model, **inputs)
    assert counted_by_torch(cost) == said_by_torch(model, inputs) > 0
    pooled = [row for row in cost.rows if row.pooling]
    assert len(pooled) == poolings
    assert [row.flops for row in pooled] == list(map(tap_by_tap, pooled))
    assert cost.parameters == sum(parameter.numel() for parameter in model.parameters())


@pytest.mark.filterwarnings("ignore")
def test_what_values_decide() -> None:
    """A mask that hides something is asked for its values; shapes and images are not."""
    masked = TEXT | dict(attention_mask=MASK.tril())
    assert costmodel.of_model(made("BertModel"), **masked).on == "values"
    assert costmodel.of_model(made("ViTModel"), **IMAGE).on == "meta"


@pytest.mark.filterwarnings("ignore")
def test_a_newcomer() -> None:
    """What a tokenizer returns, a mapping for images, a detector, labels in a training step."""
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel({"[PAD]": 0, "a": 1, "b": 2}))
    words.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=words, pad_token="[PAD]")
    batch = tokenizer(["a b", "a b b a"], padding=True, return_tensors="pt")
    by_name = costmodel.of_model(made("BertModel"), **batch)
    assert (by_name.inputs[0], by_name.on) == ((2, 4), "values")
    assert costmodel.of_model(made("BertModel"), batch).rows == by_name.rows
    assert costmodel.of_model(made("ViTModel"), IMAGE).total.flops > 0
    boxes = costmodel.of_model(made("DetrForObjectDetection"), **PIXELS)
    assert [share.name for share in boxes.by_module(2) if "decoder" in share.name]
    counted: Callable[..., ModelCost] = costmodel.of_model
    with torch.enable_grad():
        step = counted(made("LlamaForCausalLM"), input_ids=IDS, labels=IDS, step="training")
    assert {row.phase for row in step.rows} == {"forward", "backward", "optimizer"}
