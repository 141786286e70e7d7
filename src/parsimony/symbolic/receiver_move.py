"""Leave to a node function what a node knows of itself, instead of telling it to every message.

A message that reads its receiver i can hide in which basis it is written: with charges q_i = +1 and -1 it may swap its
components or signs and say so by a constant, and the node function undoes that. No linear map then turns messages into
forces. If the message does not know i, its basis is the same for everyone:

    e(V: q_i q_j; 2) -> v(sum E; 2)     becomes     e(V: q_j; 2) -> v(sum E, V: q; 2)

A node function that reads messages linearly cannot undo anything, so nothing is hidden from it and nothing moves.
"""

from __future__ import annotations

from dataclasses import replace

from parsimony.symbolic.message_flow import Connection, Flow, Layer


def with_receiver_in_reader(flow: Flow, name: str) -> Flow | None:
    """Move the raw variables of the receiver from an edge layer to the node layers that read it.

    Returns:
        The other flow; None if there are none, or if not only node layers read the messages, or these linearly.
    """
    layer = next((one for one in flow.layers if one.name == name), None)
    told = _receiver_variables(layer) if layer else ()
    readers = [reader for reader, _ in flow.readers(layer)] if told else []
    if not told or {reader.level for reader in readers} != {"V"} or _is_moot(flow, readers):
        return None
    changed = {reader.name: _knowing(flow, reader, told) for reader in readers}
    changed[name] = _without_receiver(layer)
    return Flow(flow.data, tuple(changed.get(one.name, one) for one in flow.layers))


def _receiver_variables(layer: Layer) -> tuple[str, ...]:
    reads = {one.level: one.variables or () for one in layer.reads}
    return tuple(name[:-2] for name in reads.get("V", ()) if layer.level == "E" and name.endswith("_i"))


def _is_moot(flow: Flow, readers: list[Layer]) -> bool:
    """Whether a reader is linear, or finds an embedding of the nodes rather than their variables."""
    is_linear = any(one.is_linear for reader in readers for one in reader.reads)
    return is_linear or any(other.level == "V" for one in readers for other in flow.layers[: flow.layers.index(one)])


def _knowing(flow: Flow, reader: Layer, told: tuple[str, ...]) -> Layer:
    """Let a node layer read some variables besides its own, in the order of the data."""
    own = next((one for one in reader.reads if one.level == "V"), Connection("V", ()))
    names = tuple(name for name in flow.data.names["V"] if name in (*(own.variables or ()), *told))
    reads = {one.level: one for one in reader.reads} | {"V": replace(own, variables=names)}
    return replace(reader, reads=tuple(reads[level] for level in "EVU" if level in reads))


def _without_receiver(layer: Layer) -> Layer:
    kept = [
        replace(one, variables=tuple(name for name in one.variables if not name.endswith("_i")))
        if one.level == "V"
        else one
        for one in layer.reads
    ]
    return replace(layer, reads=tuple(one for one in kept if one.variables != ()))
