"""The encoder and the cross-encoder as torch has them: loading, freezing, saving. Needs the extra ``train``."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import AutoModel, BertForSequenceClassification

from cognate.arrays import Matrix

CODE_TOKENS = 64
"""As many as the server gives its encoder."""

QUERY_TOKENS = 40
BATCH = 128

GROUP = 48
"""Pairs of similar length that a cross-encoder reads at once, so that little of it is padding."""


class TorchEncoder:
    """A sentence-transformers folder with mean pooling, in float32, computed in bfloat16 where that is asked for.

    Args:
        folder: it.
        layers: those of its layers that are kept, all where none are named.
    """

    def __init__(self, folder: Path, layers: Sequence[int] = ()) -> None:
        self.folder = folder
        self.model: Any = AutoModel.from_pretrained(folder)
        if layers:
            keep_layers(self.model, layers)
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.enable_padding()

    def freeze(self, layers: int) -> list[Any]:
        """Let the token tables and the lowest layers stay as they are, and return the other parameters."""
        freeze(self.model, layers)
        return [p for name, p in self.model.named_parameters() if p.requires_grad and not name.startswith("pooler")]

    def vectors(self, texts: Sequence[str], tokens: int, *, bfloat16: bool = True) -> Any:
        """Return unit vectors as a float32 tensor, (texts, dimensions), with gradients where they are wanted."""
        self.tokenizer.enable_truncation(tokens)
        encoded = self.tokenizer.encode_batch(list(texts))
        ids = torch.tensor([one.ids for one in encoded])
        mask = torch.tensor([one.attention_mask for one in encoded])
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16):
            states = self.model(input_ids=ids, attention_mask=mask).last_hidden_state
        weights = mask.unsqueeze(-1).float()
        pooled = (states.float() * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1e-9)
        return torch.nn.functional.normalize(pooled, dim=-1)

    def encode(self, texts: Sequence[str], tokens: int = CODE_TOKENS, *, bfloat16: bool = True) -> Matrix:
        """Return unit vectors, (texts, dimensions), without gradients."""
        self.model.eval()
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        found = np.zeros((len(texts), int(self.model.config.hidden_size)), np.float32)
        with torch.inference_mode():
            for start in range(0, len(order), BATCH):
                places = order[start : start + BATCH]
                found[places] = self.vectors([texts[i] for i in places], tokens, bfloat16=bfloat16).numpy()
        return found

    def save(self, folder: Path) -> None:
        """Write a folder that sentence-transformers reads, with all but the weights as in the folder it came from."""
        if folder != self.folder:
            shutil.copytree(self.folder, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.bin", "onnx*"))
        self.model.save_pretrained(folder)


class TorchCrossEncoder:
    """A folder with a BERT that gives a pair one number: log-odds that its second text answers its first.

    Args:
        folder: it, with the tokenizer.
        model: what the folder holds.
        tokens: where a pair is cut, of its longer text.
    """

    def __init__(self, folder: Path, model: Any, tokens: int) -> None:
        self.folder, self.model, self._tokens = folder, model, tokens
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(tokens, strategy="longest_first")

    @classmethod
    def fresh(cls, base: Path, layers: Sequence[int], tokens: int) -> "TorchCrossEncoder":
        """Take the token tables and some layers of an encoder, and a head that knows nothing."""
        model = BertForSequenceClassification.from_pretrained(base, num_labels=1)
        keep_layers(model.bert, layers)
        for linear in (model.bert.pooler.dense, model.classifier):
            torch.nn.init.normal_(linear.weight, std=model.config.initializer_range)
            torch.nn.init.zeros_(linear.bias)
        return cls(base, model, tokens)

    def freeze(self, layers: int) -> list[Any]:
        """Let the token tables and the lowest layers stay as they are, and return the other parameters."""
        freeze(self.model.bert, layers)
        return [parameter for parameter in self.model.parameters() if parameter.requires_grad]

    def logits(self, pairs: Sequence[tuple[str, str]]) -> Any:
        """Return a float32 tensor of one number a pair, with gradients where they are wanted."""
        encoded = self.tokenizer.encode_batch(list(pairs))
        order = sorted(range(len(pairs)), key=lambda place: len(encoded[place].ids))
        parts = [self._part([encoded[i] for i in order[at : at + GROUP]]) for at in range(0, len(order), GROUP)]
        return torch.cat(parts)[torch.tensor(order).argsort()]

    def _part(self, encoded: Sequence[Any]) -> Any:
        width = len(encoded[-1].ids)
        ids, types, mask = (
            torch.tensor([[*getattr(one, name), *[0] * (width - len(one.ids))] for one in encoded])
            for name in ("ids", "type_ids", "attention_mask")
        )
        with torch.autocast("cpu", dtype=torch.bfloat16):
            given = self.model(input_ids=ids, token_type_ids=types, attention_mask=mask)
        return given.logits[:, 0].float()

    def save(self, folder: Path) -> None:
        """Write a folder that sentence-transformers reads as a cross-encoder which cuts pairs where this one does."""
        self.model.save_pretrained(folder)
        for name in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt", "README.md"):
            if (self.folder / name).is_file():
                shutil.copyfile(self.folder / name, folder / name)
        settings = folder / "tokenizer_config.json"
        known = json.loads(settings.read_text(encoding="utf-8"))
        settings.write_text(json.dumps({**known, "model_max_length": self._tokens}), encoding="utf-8")


def freeze(bert: Any, layers: int) -> None:
    """Let the token tables and the lowest layers of a BERT stay as they are."""
    for parameter in (*bert.embeddings.parameters(), *bert.encoder.layer[:layers].parameters()):
        parameter.requires_grad = False


def keep_layers(bert: Any, layers: Sequence[int]) -> None:
    """Leave a BERT those of its layers, in that order."""
    bert.encoder.layer = torch.nn.ModuleList([bert.encoder.layer[number] for number in layers])
    bert.config.num_hidden_layers = len(layers)


def averaged(one: Path, other: Path, share: float, out: Path) -> Path:
    """Write a model whose weights lie between those of two others: ``share`` of the second, the rest of the first."""
    first, second = TorchEncoder(one), TorchEncoder(other)
    mixed = second.model.state_dict()
    for name, value in first.model.state_dict().items():
        if value.is_floating_point():
            mixed[name] = (1 - share) * value + share * mixed[name]
    second.model.load_state_dict(mixed)
    second.save(out)
    return out
