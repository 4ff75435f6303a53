"""Top 50 of everybody by inner products of 32 floats, by NumPy and, if it is installed, FAISS.

For information: this is not the engine's formula. Prints one JSON object a line.
Arguments: people, people asked, threads.
"""
import os
import sys

people, asked, threads = (int(a) for a in sys.argv[1:4])
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(threads)

import json
import time

DIMENSIONS, TOP, CHUNK = 32, 50, 200


def report(name, version, seconds):
    print(json.dumps({"name": name, "version": version, "pairs_per_second": asked * people / seconds}))


try:
    import numpy
except ImportError:
    print(json.dumps({"name": "NumPy", "missing": True}))
    sys.exit(0)

random = numpy.random.default_rng(1)
rows = random.standard_normal((people, DIMENSIONS), dtype=numpy.float32)
top = min(TOP, people - 1)


def by_numpy(count):
    start = time.perf_counter()
    for first in range(0, count, CHUNK):
        products = rows[first:min(count, first + CHUNK)] @ rows.T
        best = numpy.argpartition(-products, top, axis=1)[:, :top]
        numpy.take_along_axis(products, best, axis=1).sort(axis=1)
    return time.perf_counter() - start


by_numpy(min(asked, CHUNK))
report("NumPy", numpy.__version__, by_numpy(asked))

try:
    import faiss
except ImportError:
    print(json.dumps({"name": "FAISS", "missing": True}))
    sys.exit(0)

faiss.omp_set_num_threads(threads)
index = faiss.IndexFlatIP(DIMENSIONS)
index.add(rows)
index.search(rows[:CHUNK], top)
start = time.perf_counter()
index.search(rows[:asked], top)
report("FAISS", faiss.__version__, time.perf_counter() - start)
