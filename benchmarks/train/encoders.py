"""The encoder as torch has it: loading, freezing, texts to unit vectors, saving. Needs the extra ``train``."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import AutoModel

from cognate.types import Matrix

CODE_TOKENS = 64
"""As many as the server gives its encoder."""

QUERY_TOKENS = 40
BATCH = 128


class TorchEncoder:
    """A sentence-transformers folder with mean pooling, in float32, computed in bfloat16 where that is asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.model: Any = AutoModel.from_pretrained(folder)
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.enable_padding()

    def freeze(self, layers: int) -> list[Any]:
        """Let the token tables and the lowest layers stay as they are, and return the other parameters."""
        for parameter in (*self.model.embeddings.parameters(), *self.model.encoder.layer[:layers].parameters()):
            parameter.requires_grad = False
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
