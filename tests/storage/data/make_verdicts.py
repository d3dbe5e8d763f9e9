# What the reference library (Python package safetensors) takes and refuses: verdicts.txt, a line a file:
# verdict, bytes behind the header, header (%XX where it is no plain character).   usage: make_verdicts.py >verdicts.txt
import struct
import safetensors


def tensor(name="a", dtype="U8", shape="[2]", offsets="[0,2]", more=""):
    return f'"{name}":{{"dtype":"{dtype}","shape":{shape},"data_offsets":{offsets}{more}}}'


def one(*args, **kinds):
    return "{" + tensor(*args, **kinds) + "}"


cases = [("{}", 0), ("", 0), ("[]", 0), ("null", 0), ("{", 0), ("{} x", 0), ("{}", 1), ("{}   ", 0), ("{}\n\t\r", 0)]
cases += [(white + one(), 2) for white in (" ", "\n", "\t\r ", "\v", "\f")]
cases += [(one(), 2), (one(), 1), (one(), 3), (one(offsets="[0,2,2]"), 2), (one(offsets="[0]"), 2),
          (one(offsets="[2,0]"), 2), (one(offsets="[1,3]"), 3), (one(offsets="[0,2.0]"), 2), (one(offsets="[0,2e0]"), 2),
          (one(offsets="[-0,2]"), 2), (one(offsets="[ 0 , 2 ]"), 2), (one(offsets="[00,2]"), 2), (one(offsets="null"), 2),
          (one(offsets='["0","2"]'), 2), (one(offsets="[-2,0]"), 2)]
cases += [(one(shape="[-0]", offsets="[0,0]"), 0), (one(shape="[0]", offsets="[0,0]"), 0), (one(shape="[]", offsets="[0,1]"), 1),
          (one(shape="[1,1,1,1,1,1,1,1]", offsets="[0,1]"), 1), (one(shape="[1,1,1,1,1,1,1,1,1]", offsets="[0,1]"), 1),
          (one(shape="[" + ",".join(["1"] * 64) + "]", offsets="[0,1]"), 1), (one(shape="2"), 2), (one(shape='["2"]'), 2),
          (one(shape="[2.0]"), 2), (one(shape="[-2]"), 2), (one(shape="[4294967296,4294967296]", offsets="[0,0]"), 0),
          (one(shape="[0,4294967296,4294967296]", offsets="[0,0]"), 0),
          (one(shape="[4294967296,4294967296,0]", offsets="[0,0]"), 0),
          (one(dtype="F64", shape="[2305843009213693952]", offsets="[0,0]"), 0)]
sizes = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1, "U64": 8,
         "U32": 4, "U16": 2, "C64": 8, "F8_E4M3": 1, "F8_E5M2": 1, "F8_E8M0": 1, "F8_E4M3FNUZ": 1, "F8_E5M2FNUZ": 1,
         "F6_E2M3": .75, "F6_E3M2": .75, "F4": .5, "F128": 16, "f32": 4, "C128": 16, "": 1}
for dtype, size in sizes.items():
    cases.append((one(dtype=dtype, shape="[4]", offsets=f"[0,{int(4 * size)}]"), int(4 * size)))
    cases.append((one(dtype=dtype, shape="[5]", offsets=f"[0,{int(5 * size)}]"), int(5 * size)))
cases += [(one(more=',"extra":7'), 2), (one(more=',"dtype":"U8"'), 2), ('{"a":[]}', 0), ('{"a":{}}', 0), ('{"a":null}', 0)]
for metadata in ("{}", "null", '{"k":"v"}', '{"k":1}', '{"k":null}', "[]", '"text"', '{"k":"-0"}', '{"k":"\\"-0"}'):
    cases.append(('{"__metadata__":' + metadata + "," + tensor() + "}", 2))
    cases.append(("{" + tensor() + ',"__metadata__":' + metadata + "}", 2))
cases.append(('{"__metadata__":null}', 0))
b = dict(name="b")
cases += [("{" + tensor() + "," + tensor(**b, offsets=o) + "}", n)
          for o, n in (("[2,4]", 4), ("[2,4]", 5), ("[0,2]", 2), ("[1,3]", 3), ("[3,5]", 5))]
cases += [("{" + tensor(**b, offsets="[2,4]") + "," + tensor() + "}", 4),
          ("{" + tensor() + "," + tensor(**b, shape="[0]", offsets="[2,2]") + "}", 2),
          ("{" + tensor() + "," + tensor(**b, shape="[0]", offsets="[0,0]") + "}", 2),
          ("{" + tensor() + "," + tensor(**b, shape="[0]", offsets="[1,1]") + "}", 2),
          ("{" + tensor(name="\u00e9") + "}", 2), ("{" + tensor(name="") + "}", 2)]

print("# made by make_verdicts.py with safetensors", safetensors.__version__)
for header, data in cases:
    raw = header.encode()
    try:
        safetensors.deserialize(struct.pack("<Q", len(raw)) + raw + bytes(data))
        verdict = "taken"
    except safetensors.SafetensorError:
        verdict = "refused"
    text = "".join(chr(c) if 32 <= c < 127 and c != 37 else f"%{c:02X}" for c in raw)
    print(verdict, data, text)
