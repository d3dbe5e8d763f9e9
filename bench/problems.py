"""Inner problems in safetensors files."""
import json
import os
import struct

import numpy as np

SMALL = 4000  # m n of what CVXPY is asked to solve


def read_problem(path):
    """W and G as stored, in double, transposed where they are wide."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header, body = json.loads(file.read(length)), file.read()

    def tensor(name):
        entry = header[name]
        begin, end = entry["data_offsets"]
        kind = {"F32": "<f4", "F64": "<f8"}[entry["dtype"]]
        values = np.frombuffer(body[begin:end], kind).reshape(entry["shape"]).astype(np.float64)
        return values.T if values.shape[0] < values.shape[1] else values

    return tensor("W"), tensor("G")


def generate(folder):
    """Problems for `solve` in FOLDER: G normal, W orthonormal, float32, of the large shapes of the goals."""
    for m, n in ((2304, 512), (3072, 768), (1024, 1024)):
        random = np.random.default_rng(m + n)
        arrays = {"W": np.linalg.qr(random.standard_normal((m, n)))[0], "G": random.standard_normal((m, n))}
        body, header = b"", {}
        for name, array in arrays.items():
            data = array.astype("<f4").tobytes()
            header[name] = {"dtype": "F32", "shape": [m, n], "data_offsets": [len(body), len(body) + len(data)]}
            body += data
        text = json.dumps(header).encode()
        with open(os.path.join(folder, f"{m}x{n}.safetensors"), "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text + body)


def small(files):
    return [path for path in files if read_problem(path)[0].size <= SMALL]
