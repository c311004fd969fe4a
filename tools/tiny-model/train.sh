#!/bin/bash
# Makes the tiny model from nothing but this folder. See README.md.
#
# Usage: ./train.sh [--smoke] [stage ...]
#   test       check documents, tokenizer and GGUF writer against recorded results
#   tokenizer  learn a new vocabulary (else the shipped tok.json is used)
#   train      the first 8.95 M tokens
#   widen      2.2 M tokens more at lower rates
#   export     write build/millrace-tiny.gguf
#   evaluate   count its right answers in node-llama-cpp
# Without a stage: train, widen, export and evaluate. --smoke runs every stage, each for some seconds,
# in build/smoke, to see that the recipe works; its model knows nothing.
#
# PYTHON names a Python that has torch, numpy and regex (default: python3).
set -euo pipefail
cd "$(dirname "$0")"

python=${PYTHON:-python3}
build=build
stages=(train widen export evaluate)
tokenizer_options=()
train_options=(--tokens 8.95e6)
widen_options=(--tokens 2.2e6)
case_options=()

if [[ ${1:-} == --smoke ]]; then
  shift
  build=build/smoke
  stages=(test tokenizer train widen export evaluate)
  tokenizer_options=(--documents 2000)
  train_options=(--tokens 40e3 --validation-documents 10)
  widen_options=(--tokens 10e3 --validation-documents 10)
  case_options=(--per-category 2)
fi
if (($# > 0)); then stages=("$@"); fi
mkdir -p "$build"

# One thread: the matrices are too small to share, and spinning threads slow each other down.
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
# Keep freed memory: tensors of every batch would otherwise be mapped and cleared anew.
export MALLOC_MMAP_THRESHOLD_=2000000000 MALLOC_TRIM_THRESHOLD_=8000000000 MALLOC_TOP_PAD_=200000000

# A vocabulary made here wins over the shipped one.
tokenizer() {
  if [[ -f $build/tok.json ]]; then echo "$build/tok.json"; else echo tok.json; fi
}

run_stage() {
  case $1 in
    test) "$python" -m unittest ;;
    tokenizer) "$python" -m recipe.train_tokenizer --out "$build/tok.json" "${tokenizer_options[@]}" ;;
    train)
      "$python" -m recipe.train --tokenizer "$(tokenizer)" --out "$build/model.pt" --seed 3 "${train_options[@]}"
      ;;
    widen)
      "$python" -m recipe.train --tokenizer "$(tokenizer)" --resume "$build/model.pt" --out "$build/widened.pt" \
        --seed 5 --hidden-rate 0.012 --embedding-rate 0.01 --other-rate 0.002 "${widen_options[@]}"
      ;;
    export)
      "$python" -m recipe.export --model "$build/widened.pt" --tokenizer "$(tokenizer)" \
        --out "$build/millrace-tiny.gguf"
      ;;
    evaluate)
      "$python" -m recipe.evaluation_cases --out "$build/cases.json" "${case_options[@]}"
      node evaluate.mjs "$build/millrace-tiny.gguf" "$build/cases.json"
      ;;
    *)
      echo "unknown stage '$1'; expected test, tokenizer, train, widen, export or evaluate" >&2
      exit 2
      ;;
  esac
}

for stage in "${stages[@]}"; do
  echo "== $stage"
  run_stage "$stage"
done
