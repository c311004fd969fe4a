"""The training loop: one core, one process, until a number of tokens is seen.

Run as `python3 -m recipe.train --tokenizer tok.json --out build/model.pt` (see train.sh for the stages).
"""

import argparse
import time
from dataclasses import asdict
from pathlib import Path
from random import Random

import torch
from torch import Tensor
from torch.nn import functional

from recipe.batches import Batch, Documents, Example, batches
from recipe.model import Shape, TinyModel
from recipe.muon import Muon
from recipe.tokenizer import Tokenizer

WARM_UP_STEPS = 60
# The share of the tokens after which the learning rate falls, in a straight line to zero.
CONSTANT_RATE_SHARE = 0.45
VALIDATION_SEED = 99_991
STEPS_BETWEEN_REPORTS = 50
STEPS_BETWEEN_CHECKPOINTS = 400


class Optimizers:
    """Muon for the hidden matrices, AdamW for the embedding, the output matrix and the norms."""

    def __init__(self, model: TinyModel, options: argparse.Namespace) -> None:
        hidden = [p for name, p in model.named_parameters() if name.startswith("blk.") and p.dim() == 2]
        is_hidden = set(map(id, hidden))
        embedding = model.token_embd.weight
        others = [p for p in model.parameters() if id(p) not in is_hidden and p is not embedding]
        self._clipped = [embedding, *others]
        self._hidden_rate = options.hidden_rate
        self._muon = Muon(hidden)
        groups = [
            {"params": [embedding], "full_rate": options.embedding_rate},
            {"params": others, "full_rate": options.other_rate},
        ]
        self._adam = torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.95), eps=1e-10, weight_decay=0.0)

    def step(self, factor: float, step: int) -> None:
        """One step at `factor` times the full rates."""
        torch.nn.utils.clip_grad_norm_(self._clipped, 1.0)
        self._muon.step(self._hidden_rate * factor, momentum=min(0.95, 0.85 + 0.1 * step / 200))
        for group in self._adam.param_groups:
            group["lr"] = group["full_rate"] * factor
        self._adam.step()


def rate_factor(step: int, progress: float) -> float:
    """The share of the full learning rate after `step` steps and a share `progress` of the tokens."""
    warm_up = min(1.0, (step + 1) / WARM_UP_STEPS)
    cool_down = min(1.0, (1 - progress) / (1 - CONSTANT_RATE_SHARE))
    return warm_up * max(0.0, cool_down)


def token_losses(model: TinyModel, batch: Batch) -> tuple[Tensor, Tensor]:
    """Cross-entropy in nats and weight of each token that has a weight."""
    counted = batch.weights > 0
    logits = model.output(model.hidden(batch.ids)[:, :-1][counted])
    losses = functional.cross_entropy(logits, batch.ids[:, 1:][counted], reduction="none")
    return losses, batch.weights[counted]


@torch.no_grad()
def validation_loss(model: TinyModel, examples: list[Example]) -> float:
    """Mean loss of the learned tokens, in nats."""
    total = count = 0.0
    for example in examples:
        weights = torch.tensor([example.learned[1:]]).float()
        losses, weight = token_losses(model, Batch(torch.tensor([example.ids]), weights))
        total += losses.sum().item()
        count += weight.sum().item()
    return total / count


def train(model: TinyModel, documents: Documents, options: argparse.Namespace) -> None:
    """Trains `model` in place; reports and saves it from time to time."""
    rng = Random(VALIDATION_SEED)
    validation = [documents.example(rng) for _ in range(options.validation_documents)]
    optimizers = Optimizers(model, options)
    start = time.monotonic()
    seen = step = 0
    for batch in batches(documents, options.batch_tokens, options.seed):
        losses, weights = token_losses(model, batch)
        loss = (losses * weights).sum() / weights.sum()
        model.zero_grad(set_to_none=True)
        loss.backward()
        optimizers.step(rate_factor(step, seen / options.tokens), step)
        step += 1
        seen += batch.ids.numel()
        is_last = seen >= options.tokens
        if step == 1 or step % STEPS_BETWEEN_REPORTS == 0 or is_last:
            rate = seen / (time.monotonic() - start)
            validated = validation_loss(model, validation)
            progress = f"step {step}  {seen / 1e6:.2f} M tokens  {rate:.0f} tokens/s"
            print(f"{progress}  loss {loss.item():.3f}  validation {validated:.3f}", flush=True)
        if is_last or step % STEPS_BETWEEN_CHECKPOINTS == 0:
            torch.save({"shape": asdict(model.shape), "weights": model.state_dict()}, options.out)
        if is_last:
            return


def load(path: Path) -> TinyModel:
    """A model that `train` saved."""
    stored = torch.load(path, map_location="cpu")
    model = TinyModel(Shape(**stored["shape"]))
    model.load_state_dict(stored["weights"])
    return model


def main() -> None:
    """Starts a model, or continues one with new optimizers and other rates."""
    parser = argparse.ArgumentParser(description="Train the model on generated documents.")
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--resume", type=Path, help="a saved model to start from")
    parser.add_argument("--tokens", type=float, default=8.95e6, help="tokens to see, padding included")
    parser.add_argument("--batch-tokens", type=int, default=2560)
    parser.add_argument("--hidden-rate", type=float, default=0.02, help="learning rate of Muon")
    parser.add_argument("--embedding-rate", type=float, default=0.02)
    parser.add_argument("--other-rate", type=float, default=0.003)
    parser.add_argument("--validation-documents", type=int, default=160)
    parser.add_argument("--seed", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    torch.manual_seed(options.seed)
    tokenizer = Tokenizer.load(options.tokenizer)
    model = load(options.resume) if options.resume else TinyModel(Shape(vocabulary=len(tokenizer.tokens)))
    parameters = sum(parameter.numel() for parameter in model.parameters())
    print(f"{parameters / 1e6:.2f} M parameters, {model.shape}", flush=True)
    train(model, Documents(tokenizer, model.shape.context), options)


if __name__ == "__main__":
    main()
