"""Finding a model, and the one clear error for each way in which it can be broken."""

import importlib
import json
import shutil
import types
from collections.abc import Callable
from pathlib import Path

import pytest

from cognate.embedding import model_files
from cognate.embedding.model_files import SHIPPED_FOLDER, SHIPPED_MODEL, resolve_model
from cognate.embedding.onnx import load_encoder
from cognate.errors import ModelError
from unit.embedding.tiny_model import write_tiny_model

SHIPPED = SHIPPED_FOLDER / SHIPPED_MODEL


def edit_card(folder: Path, **changes: object) -> None:
    card = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps({**card, **changes}))


def cut_graph(folder: Path) -> None:
    graph = (folder / "model.onnx").read_bytes()
    (folder / "model.onnx").write_bytes(graph[: len(graph) // 2])


def cut_graph_and_believe_it(folder: Path) -> None:
    cut_graph(folder)
    edit_card(folder, digest=None)


@pytest.mark.parametrize("setting", ["", " ", "all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2"])
def test_the_shipped_model_needs_no_setting(setting: str):
    files = resolve_model(setting)
    assert (files.name, files.dimensions, files.max_length, files.pad_token) == (SHIPPED_MODEL, 384, 256, "[PAD]")


def test_the_shipped_model_carries_its_licence():
    assert "Apache License" in (SHIPPED / "LICENSE").read_text()
    assert "sentence-transformers/all-MiniLM-L6-v2" in (SHIPPED / "NOTICE").read_text()


def test_the_shipped_model_is_about_23_megabytes():
    assert 22e6 < (SHIPPED / "model.onnx").stat().st_size < 24e6


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda f: (f / "model.onnx").unlink(), "No ONNX model in .*tools.models export"),
        (lambda f: (f / "tokenizer.json").unlink(), "No tokenizer.json"),
        (lambda f: (f / "tokenizer.json").write_text("{"), "Cannot read the tokenizer"),
        (lambda f: (f / "model.json").write_text("{"), "Cannot read .*model.json"),
        (lambda f: (f / "model.json").write_text("[]"), "expected a JSON object"),
        (cut_graph, "is not the file its model.json describes"),
        (cut_graph_and_believe_it, "Cannot load the model"),
        (lambda f: edit_card(f, dimensions=768), "gives 384 dimensions, but its model.json says 768"),
        (lambda f: edit_card(f, pooling="weightedmean"), "pools by 'weightedmean'"),
    ],
)
def test_a_broken_model_folder_gives_one_clear_error(tmp_path: Path, damage: Callable[[Path], object], message: str):
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "model"))
    damage(folder)
    with pytest.raises(ModelError, match=message):
        load_encoder(str(folder))


@pytest.mark.parametrize("setting", ["/no/such/folder", "./none", "~/none-of-this", "not a model", "a/b/c"])
def test_a_folder_that_is_not_there_is_named(setting: str):
    with pytest.raises(ModelError, match="does not exist"):
        resolve_model(setting)


@pytest.mark.parametrize("config", [{"pooling_mode_lasttoken": True}, {"pooling_mode_mean_sqrt_len_tokens": True}])
def test_an_unknown_pooling_is_refused_rather_than_guessed(tmp_path: Path, config: dict[str, bool]):
    with pytest.raises(ModelError, match="only mean, cls and max work"):
        resolve_model(str(write_tiny_model(tmp_path, files={"1_Pooling/config.json": config})))


@pytest.mark.parametrize(
    "name",
    ["model.onnx", "model_int8.onnx", "onnx/model.onnx", "onnx/model_quantized.onnx", "onnx/model_qint8_avx512.onnx"],
)
def test_the_graph_is_found_where_exports_put_it(tmp_path: Path, name: str):
    assert resolve_model(str(write_tiny_model(tmp_path, onnx=name))).onnx == tmp_path / name


def test_a_quantized_graph_is_preferred_in_a_hub_export(tmp_path: Path):
    write_tiny_model(tmp_path, onnx="onnx/model.onnx")
    write_tiny_model(tmp_path, onnx="onnx/model_quantized.onnx")
    assert resolve_model(str(tmp_path)).onnx.name == "model_quantized.onnx"


def test_external_data_counts_for_the_digest(tmp_path: Path):
    before = resolve_model(str(write_tiny_model(tmp_path))).digest
    (tmp_path / "model.onnx_data").write_bytes(b"weights")
    assert resolve_model(str(tmp_path)).digest != before


def hub(monkeypatch: pytest.MonkeyPatch, **functions: object) -> None:
    """Let ``import huggingface_hub`` give these functions, or fail when there are none."""
    real = importlib.import_module

    def import_module(name: str) -> object:
        if name != "huggingface_hub":
            return real(name)
        if not functions:
            raise ImportError(name)
        return types.SimpleNamespace(**functions)

    monkeypatch.setattr(model_files.importlib, "import_module", import_module)


def test_a_hub_name_without_the_hub_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    hub(monkeypatch)
    with pytest.raises(ModelError, match="pip install huggingface_hub"):
        resolve_model("someone/some-model")


def test_a_hub_model_comes_from_the_cache_without_asking_the_hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    write_tiny_model(tmp_path, onnx="onnx/model.onnx")

    def snapshot_download(repository: str, *, local_files_only: bool) -> str:
        assert (repository, local_files_only) == ("someone/some-model", True)
        return str(tmp_path)

    hub(monkeypatch, snapshot_download=snapshot_download)
    assert resolve_model("someone/some-model").name == "someone/some-model"


def test_a_hub_model_is_downloaded_with_one_graph_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    asked: list[list[str]] = []

    def snapshot_download(_: str, *, local_files_only: bool = False, allow_patterns: list[str] | None = None) -> str:
        if local_files_only:
            raise FileNotFoundError
        asked.append(allow_patterns or [])
        return str(write_tiny_model(tmp_path, onnx="onnx/model_qint8_avx2.onnx"))

    names = ["onnx/model.onnx", "onnx/model_qint8_avx2.onnx", "onnx/model_qint8_avx512.onnx", "model.safetensors"]
    hub(monkeypatch, snapshot_download=snapshot_download, list_repo_files=lambda _: names)
    assert resolve_model("someone/some-model").onnx.name == "model_qint8_avx2.onnx"
    assert [name for name in asked[0] if name in names] == ["onnx/model_qint8_avx2.onnx"]


def test_a_hub_that_does_not_answer_gives_one_clear_error(monkeypatch: pytest.MonkeyPatch):
    def offline(*_: object, **__: object) -> str:
        raise ConnectionError("no route")

    hub(monkeypatch, snapshot_download=offline, list_repo_files=offline)
    with pytest.raises(ModelError, match=r"did not answer \(ConnectionError\).*or set `model` to a folder"):
        resolve_model("someone/some-model")
