"""What a structure of AutoBLM says in words: its terms, and which relations it can model exactly.

A structure is a 4 x 4 matrix of entries -4..4; row = head chunk, column = tail chunk, absolute value = relation chunk.
A relation is symmetric under it where the matrix g(r), filled with the chunks of r, equals its transpose, and
antisymmetric where it equals the negative transpose (arXiv 2107.00184, section 3.2).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

SIZE = 4
Condition = dict[int, tuple[int, int]]  # relation chunk -> the sign and the chunk that it must equal, or (0, 0)


def terms_of(entries: Sequence[int]) -> list[dict[str, int]]:
    """Return the cells that are not empty: place in the row-wise grid, head, relation and tail chunk, sign."""
    return [
        {
            "place": place,
            "head": place // SIZE + 1,
            "relation": abs(value),
            "tail": place % SIZE + 1,
            "sign": 1 if value > 0 else -1,
        }
        for place, value in enumerate(entries)
        if value
    ]


def modelled(entries: Sequence[int]) -> list[str]:
    """Return one sentence each on symmetric, antisymmetric and other relations."""
    symmetric, skew = condition(entries, 1), condition(entries, -1)
    only = "symmetric" if is_always(symmetric) else "antisymmetric" if is_always(skew) else ""
    return [
        f"Symmetric relations, as true from tail to head as from head to tail: {in_words(symmetric)}.",
        f"Antisymmetric relations, whose score changes sign from tail to head: {in_words(skew)}.",
        f"Relations that are neither: {f'no, every r is {only}' if only else 'yes, at other values of r'}.",
    ]


def formula(entries: Sequence[int]) -> list[str]:
    """Return the score, one signed product of three chunks a term; the first plus is left out."""
    shown = [f"{'+' if one['sign'] > 0 else '−'} {term_text(one)}" for one in terms_of(entries)]
    return [shown[0].removeprefix("+ "), *shown[1:]] if shown else []


def term_text(term: Mapping[str, int]) -> str:
    """Write the product of three chunks, summed over their dimensions."""
    return f"⟨{chunk('h', term['head'])}, {chunk('r', term['relation'])}, {chunk('t', term['tail'])}⟩"


def term_in_words(entries: Sequence[int], term: Mapping[str, int]) -> str:
    """Read one term aloud, and what stands on the other side of the diagonal."""
    head, relation, tail = (term[name] for name in ("head", "relation", "tail"))
    effect = "is added to" if term["sign"] > 0 else "is subtracted from"
    across = entries[SIZE * (tail - 1) + head - 1]
    mirror = f"The cell across the diagonal holds {signed(across)}." if across else "The cell across it is empty."
    return (
        f"{term_text(term)}: part {head} of the head times part {relation} of the relation times part {tail} of the "
        f"tail, summed over their dimensions, {effect} the score. "
        + ("It lies on the diagonal." if head == tail else mirror)
    )


def signed(value: int) -> str:
    """Write a cell, such as −r₂."""
    return f"{'+' if value > 0 else '−'}{chunk('r', abs(value))}"


def chunk(letter: str, number: int) -> str:
    """Write one chunk, such as h₁."""
    return letter + "₀₁₂₃₄"[number]


def condition(entries: Sequence[int], side: int) -> Condition:
    """Return for each relation chunk that occurs what it must equal for g(r) to equal `side` times its transpose.

    Args:
        entries: the 16 entries, row by row.
        side: 1 for symmetric relations, -1 for antisymmetric ones.
    """
    found: Condition = {one: (1, one) for one in sorted({abs(value) for value in entries if value})}
    for first, second in equations(entries, side):
        join(found, first, second)
    return found


def equations(entries: Sequence[int], side: int) -> Iterator[tuple[int, int]]:
    """Yield pairs of signed chunks that must be equal; 0 stands for zero."""
    for row in range(SIZE):
        for column in range(row, SIZE):
            one, other = entries[SIZE * row + column], side * entries[SIZE * column + row]
            if one or other:
                yield one, other


def join(found: Condition, first: int, second: int) -> None:
    """Make two signed chunks equal; a chunk that equals its own negative is zero."""
    (sign, root), (other_sign, other) = (signed_root(found, one) for one in (first, second))
    if (sign, root) == (other_sign, other):
        return
    if root == other or not root or not other:
        replace(found, {root, other} - {0}, (0, 0))
    else:
        high, low = max(root, other), min(root, other)
        replace(found, {high}, (sign * other_sign, low))


def signed_root(found: Condition, value: int) -> tuple[int, int]:
    """Return sign and representative of a signed chunk."""
    if not value:
        return 0, 0
    sign, root = found[abs(value)]
    return (sign if value > 0 else -sign), root


def replace(found: Condition, roots: set[int], by: tuple[int, int]) -> None:
    """Let everything that equals one of some representatives equal another."""
    for one, (sign, root) in found.items():
        if root in roots:
            found[one] = (sign * by[0], by[1])


def is_always(found: Condition) -> bool:
    """Tell whether nothing is asked of any chunk."""
    return all(value == (1, one) for one, value in found.items())


def in_words(found: Condition) -> str:
    """Write a condition in words."""
    if not any(root for _, root in found.values()):
        return "no, only with every part zero"
    if is_always(found):
        return "yes, every r"
    parts = [
        f"{chunk('r', one)} = {'−' if sign < 0 else ''}{chunk('r', root) if root else '0'}"
        for one, (sign, root) in found.items()
        if (sign, root) != (1, one)
    ]
    return f"yes, where {', '.join(parts[:-1])}{' and ' if parts[1:] else ''}{parts[-1]}"
