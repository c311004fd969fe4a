"""The recipe still makes what the shipped model was made of. Run as `python3 -m unittest` in this folder."""

import hashlib
import struct
import tempfile
import unittest
from pathlib import Path
from random import Random

from recipe.conversation import render
from recipe.documents.mixture import MIXTURE, document
from recipe.evaluation_cases import CASES_SEED, all_cases
from recipe.export import metadata, tensors
from recipe.gguf import TensorInfo, TensorType, byte_size, write
from recipe.model import Shape
from recipe.tokenizer import Tokenizer
from recipe.train_tokenizer import train

FOLDER = Path(__file__).parent
SHIPPED_MODEL = FOLDER.parents[1] / "models" / "millrace-tiny.gguf"


def digest(texts: list[str]) -> str:
    """A short fingerprint of texts in their order."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


class DocumentsTest(unittest.TestCase):
    def test_a_seed_always_gives_the_same_documents(self) -> None:
        rng = Random(1)
        self.assertEqual(digest([render(document(rng)) for _ in range(2000)]), "9ffb95d23c68f284")

    def test_the_evaluation_is_always_the_same(self) -> None:
        cases = all_cases(Random(CASES_SEED))
        self.assertEqual(digest([case.prompt + case.expected for case in cases]), "ac0d0d2a6c96247a")

    def test_the_shares_of_the_mixture_sum_to_one(self) -> None:
        self.assertAlmostEqual(sum(share for _, share in MIXTURE), 1)


class TokenizerTest(unittest.TestCase):
    def setUp(self) -> None:
        self.tokenizer = Tokenizer.load(FOLDER / "tok.json")

    def test_decoding_gives_the_encoded_text_back(self) -> None:
        rng = Random(2)
        texts = [render(document(rng)) for _ in range(200)]
        for text in [*texts, "", "Zürich 東京 😀  \n\n\t1234 <tools> <|im_end|>", "\0\x7f"]:
            self.assertEqual(self.tokenizer.decode(self.tokenizer.encode(text)), text)

    def test_the_shipped_vocabulary_gives_the_ids_the_model_was_trained_on(self) -> None:
        ids = self.tokenizer.encode("<|im_start|>user\nWhat is the capital of Peru?<|im_end|>")
        self.assertEqual(ids, [1, 289, 17, 443, 281, 278, 329, 285, 405, 2014, 70, 2])

    def test_training_merges_the_most_frequent_pair_first(self) -> None:
        trained = train(["abab abab", "abab"], vocabulary_size=7 + 256 + 2)
        self.assertEqual(trained.merges, ["a b", "ab ab"])
        self.assertEqual(trained.encode("abab"), [264])


class GgufTest(unittest.TestCase):
    @unittest.skipUnless(SHIPPED_MODEL.exists(), "the shipped model is not in this checkout")
    def test_the_writer_reproduces_the_shipped_file_byte_for_byte(self) -> None:
        shipped = SHIPPED_MODEL.read_bytes()
        shape, tokenizer = Shape(), Tokenizer.load(FOLDER / "tok.json")
        infos = tensors(shape, TensorType.F16)
        data = iter(self._tensor_data(shipped, infos))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "again.gguf"
            write(path, metadata(shape, tokenizer, TensorType.F16), infos, lambda _info: next(data))
            self.assertTrue(path.read_bytes() == shipped)

    def test_a_tensor_of_the_wrong_size_is_refused(self) -> None:
        info = TensorInfo("t", (2, 2), TensorType.F32)
        with tempfile.TemporaryDirectory() as folder, self.assertRaisesRegex(ValueError, "16 expected"):
            write(Path(folder) / "wrong.gguf", [], [info], lambda _info: struct.pack("<f", 1.0))

    @staticmethod
    def _tensor_data(file: bytes, infos: list[TensorInfo]) -> list[bytes]:
        """The data of the tensors, which fills the end of the file."""
        padded = [-(-byte_size(info) // 32) * 32 for info in infos]
        start = len(file) - sum(padded)
        data = []
        for info, size in zip(infos, padded, strict=True):
            data.append(file[start : start + byte_size(info)])
            start += size
        return data


if __name__ == "__main__":
    unittest.main()
