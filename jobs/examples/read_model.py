#!/usr/bin/env python3
"""Reads a model of the compatibility engine and computes its golden pairs; writes one that was trained elsewhere.

    read_model.py MODEL [--sha256 HASH]               compares every golden pair with its log-odds
    read_model.py MODEL --weights FILE --write OUT    writes an additive model over MODEL's features and vocabulary

FILE, in log-odds: {"name": ..., "calibrated": true, "calibration": ..., "training": {"rows": ..., "sha256": ...},
  "intercept": ..., "numeric": {"openness": [sum, min], ...}, "preferences": {"adventure_style": [table by rows], ...},
  "interests": ..., "budget": ...}
The format stands at src/main/java/social/trvl/compat/model/Artefact.java. Needs Python 3.8 and nothing else.
"""
import argparse, hashlib, json, random, sys

def features(m, a, b):
    """Numeric values of both, clipped and known; codes of both; budget overlap; shared interests."""
    known = lambda p: [f["unknown"] if v is None else min(max(v, f["lowest"]), f["highest"]) for f, v in zip(m["numeric"], p["numeric"])]
    money = lambda p: p["budget"] or [m["budget"]["unknown_low"], m["budget"]["unknown_high"]]
    (low_a, high_a), (low_b, high_b) = money(a), money(b)
    overlap = min(max(min(high_a, high_b) - max(low_a, low_b), 0), m["budget"]["cap"])
    shared = min(len(set(a["interests"]) & set(b["interests"])), m["interests"]["cap"])
    return list(zip(known(a), known(b))), list(zip(a["preferences"], b["preferences"])), overlap, shared

def additive(m, a, b):
    numeric, codes, overlap, shared = features(m, a, b)
    terms = [f["weight_sum"] * (x + y) + f["weight_min"] * min(x, y) for f, (x, y) in zip(m["numeric"], numeric)]
    terms += [p["table"][x * (len(p["values"]) + 1) + y] for p, (x, y) in zip(m["preferences"], codes)]
    return m["intercept"] + sum(terms) + m["budget"]["weight"] * overlap + m["interests"]["weight"] * shared

def boosted(m, a, b):
    numeric, codes, overlap, shared = features(m, a, b)
    row = [c for x, y in numeric for c in (x + y, min(x, y), abs(x - y))]
    row += [c for x, y in codes for c in (min(x, y), max(x, y), abs(x - y) if x and y else -1)] + [overlap, shared]
    total = m["boosted"]["intercept"]
    for t in m["boosted"]["trees"]:
        node = 0
        while t["column"][node] >= 0:
            node = t["yes" if row[t["column"][node]] <= t["value"][node] else "no"][node]
        total += t["value"][node]
    return total

def somebody(m, r):
    low = r.randint(60, 120)
    return {"numeric": [r.randint(0, 100) for _ in range(5)] + [r.choice([None, r.randint(18, 90)]), r.choice([None, r.randint(1, 5)])],
            "preferences": [r.randint(0, len(p["values"])) for p in m["preferences"]],
            "interests": [i for i in range(len(m["interests"]["values"])) if r.random() < 0.25],
            "budget": r.choice([None, [low, low + r.randint(0, 40)]])}

def write(m, weights, out):
    fixed = lambda w: round(w * 2 ** m["fraction_bits"])
    m.pop("boosted", None)
    m.update(format_version=2, family="additive", intercept=fixed(weights["intercept"]), name=weights["name"],
             calibrated=weights["calibrated"], calibration=weights["calibration"], training=weights["training"])
    for f in m["numeric"]:
        f["weight_sum"], f["weight_min"] = map(fixed, weights["numeric"][f["name"]])
    for p in m["preferences"]:
        p["table"] = [fixed(w) for w in weights["preferences"][p["name"]]]
    m["interests"]["weight"], m["budget"]["weight"] = fixed(weights["interests"]), fixed(weights["budget"])
    r = random.Random(1)
    pairs = [(somebody(m, r), somebody(m, r)) for _ in range(100)]
    m["golden"] = [{"a": a, "b": b, "log_odds": additive(m, a, b)} for a, b in pairs]
    data = (json.dumps(m, indent=1) + "\n").encode()
    open(out, "wb").write(data)
    print(hashlib.sha256(data).hexdigest())

options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
options.add_argument("model")
for name in ("--sha256", "--weights", "--write"):
    options.add_argument(name)
given = options.parse_args()
content = open(given.model, "rb").read()
if given.sha256 and hashlib.sha256(content).hexdigest() != given.sha256:
    sys.exit("SHA-256 differs: the file was changed or damaged")
model = json.loads(content)
if given.write:
    write(model, json.load(open(given.weights)), given.write)
else:
    predict = boosted if model["family"] == "boosted" else additive
    wrong = [i for i, g in enumerate(model["golden"]) if predict(model, g["a"], g["b"]) != g["log_odds"]
             or additive(model, g["a"], g["b"]) != g.get("surrogate_log_odds", g["log_odds"])]
    print(f"{model['name']}: {len(model['golden']) - len(wrong)} of {len(model['golden'])} golden pairs as predicted")
    sys.exit(f"golden pairs {wrong} differ" if wrong else 0)
