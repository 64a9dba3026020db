"""The training scripts with torch: a few steps on a handful of pairs, from the base model's weights to int8."""

import argparse
import json
import random
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks" / "train"))
import cross
import finish
import loop
import student

from cognate.embedding.cross_encoder import load_cross_encoder

pytestmark = pytest.mark.filterwarnings("ignore")  # Those of torch and transformers are not ours.

WORDS = [f"{first}{last}" for first in ("ba", "ke", "li", "mo", "su", "ta") for last in ("nor", "pel", "rik", "dam")]


@pytest.fixture(scope="module")
def chosen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pairs of made-up words, whose queries ask for the first word of their code."""
    folder, generator = tmp_path_factory.mktemp("chosen"), random.Random(1)
    rows = []
    for number in range(96):
        words = generator.sample(WORDS, 8)
        code = " ".join(words)
        told = {"query": f"where {words[0]} and {words[1]}", "text": code, "chunk": code, "passage": code}
        place = {"kind": "doc", "package": "uv", "path": f"{number % 12}.c", "line": 0, "language": "c"}
        rows.append({**place, **told})
    (folder / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return folder


def options(chosen: Path, run: Path, epochs: float, **more: object) -> argparse.Namespace:
    return argparse.Namespace(chosen=chosen, run=run, epochs=epochs, minutes=None, threads=2, **more)


def cross_options(chosen: Path, run: Path, epochs: float) -> argparse.Namespace:
    return options(chosen, run, epochs, batch=16, rate=5e-4, layers=[0], frozen=0, wrong=3, tokens=24, easy=32)


def log_of(run: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (run / "log.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def run(chosen: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was stopped and started again."""
    folder = tmp_path_factory.mktemp("runs") / "cross"
    for epochs in (1.0, 6.0):
        settings = cross_options(chosen, folder, epochs)
        loop.train(cross.task_of(settings), settings)
    return folder


def test_a_cross_encoder_learns_which_passage_is_meant(run: Path):
    steps = log_of(run)
    early, late = (np.mean([step["loss"] for step in some]) for some in (steps[:3], steps[-3:]))
    assert late < 0.8 * early


def test_a_run_that_is_started_again_goes_on_with_the_step_after_its_last(run: Path):
    assert [step["step"] for step in log_of(run)] == list(range(1, 37))
    assert log_of(run)[-1]["progress"] == 1.0


def test_a_trained_cross_encoder_becomes_a_folder_for_the_setting(run: Path, chosen: Path, tmp_path: Path):
    from encoders import TorchCrossEncoder
    from transformers import BertForSequenceClassification

    out = tmp_path / "cross-1"
    training = finish.trained_on(chosen, [run])
    assert finish.finish_cross_encoder(run / "model", out, training)
    card = json.loads((out / "model.json").read_text(encoding="utf-8"))
    assert card["max_length"] == 24
    assert card["license"] == "apache-2.0"
    assert card["trained_on"]["pairs_read"] == 576
    torch_model = TorchCrossEncoder(run / "model", BertForSequenceClassification.from_pretrained(run / "model"), 24)
    texts = [" ".join(random.Random(seed).sample(WORDS, 8)) for seed in range(30)]
    asked = f"where {texts[0].split()[0]}"
    expected = torch_model.logits([(asked, text) for text in texts]).detach().numpy()
    assert np.corrcoef(load_cross_encoder(str(out)).score(asked, texts), expected)[0, 1] > 0.98


def test_a_student_of_fewer_layers_nears_the_vectors_of_the_base_model(chosen: Path, tmp_path: Path):
    from encoders import TorchEncoder

    settings = options(chosen, tmp_path / "run", 4.0, batch=16, rate=5e-4, layers=[0, 5])
    loop.train(student.task_of(settings), settings)
    steps = log_of(tmp_path / "run")
    assert steps[-1]["cosine"] > steps[0]["cosine"] + 0.1
    saved = TorchEncoder(tmp_path / "run" / "model")
    assert len(saved.model.encoder.layer) == 2
    assert saved.encode(["where banor"]).shape == (1, 384)
