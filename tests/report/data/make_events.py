"""Write events.bin with TensorBoard's own record writer and protocol buffers (pip install tensorboard)."""
import pathlib

from tensorboard.compat.proto import event_pb2
from tensorboard.summary.writer import record_writer

began = 1700000000.25
with open(pathlib.Path(__file__).with_name("events.bin"), "wb") as stream:
    writer = record_writer.RecordWriter(stream)
    writer.write(event_pb2.Event(wall_time=began, file_version="brain.Event:2").SerializeToString())
    for tag, step, after, value in [
        ("train/loss", 0, 0.5, 1.609375),
        ("train/loss", 300, 1.0, -0.1),
        ("validation/accuracy", 2147483648, 1.5, float("nan")),
    ]:
        event = event_pb2.Event(wall_time=began + after, step=step)
        event.summary.value.add(tag=tag, simple_value=value)
        writer.write(event.SerializeToString())
