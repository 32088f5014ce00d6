"""The tree, its proofs and their verification agree with an implementation that is not ours."""

import pymerkle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.audit.domain import (
    EMPTY_ROOT,
    Edge,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    verifies_consistency,
    verifies_inclusion,
)

SIZES = st.integers(1, 300)


def leaves(size):
    return [leaf_hash(b"entry %d" % number) for number in range(size)]


def theirs(size):
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for number in range(size):
        tree.append_entry(b"entry %d" % number)
    return tree


def test_the_empty_tree_is_that_of_the_rfc():
    assert Edge().root == root_of([]) == EMPTY_ROOT


def test_a_leaf_cannot_pass_for_a_node():
    left, right = leaves(2)
    assert leaf_hash(left + right) != node_hash(left, right)


@settings(max_examples=60, deadline=None)
@given(size=SIZES)
def test_roots_are_those_of_pymerkle(size):
    assert root_of(leaves(size)) == theirs(size).get_root()


@settings(max_examples=60, deadline=None)
@given(size=SIZES, asked=st.data())
def test_inclusion_is_shown_to_pymerkle_and_by_it(size, asked):
    number = asked.draw(st.integers(0, size - 1))
    hashes, tree = leaves(size), theirs(size)
    proof = inclusion_proof(number, hashes)
    root = tree.get_root()

    assert verifies_inclusion(hashes[number], number=number, size=size, root=root, proof=proof)
    path = tree.prove_inclusion(number + 1).path
    assert set(proof) <= set(map(bytes, path))


@settings(max_examples=60, deadline=None)
@given(size=SIZES, asked=st.data())
def test_consistency_is_shown_for_every_older_size(size, asked):
    old = asked.draw(st.integers(1, size))
    hashes = leaves(size)
    proof = consistency_proof(old, hashes)

    assert len(proof) <= 2 * size.bit_length()
    assert verifies_consistency(
        old_size=old,
        old_root=theirs(old).get_root(),
        size=size,
        root=theirs(size).get_root(),
        proof=proof,
    )


@settings(max_examples=100, deadline=None)
@given(size=st.integers(2, 64), asked=st.data())
def test_no_proof_survives_a_change(size, asked):
    hashes = leaves(size)
    number = asked.draw(st.integers(0, size - 1))
    old = asked.draw(st.integers(1, size - 1))
    root, flipped = root_of(hashes), bytes(32)
    inclusion, consistency = inclusion_proof(number, hashes), consistency_proof(old, hashes)
    old_root = root_of(hashes[:old])

    def included(hashed=hashes[number], number=number, size=size, root=root, proof=inclusion):
        return verifies_inclusion(hashed, number=number, size=size, root=root, proof=proof)

    def consistent(old_size=old, old_root=old_root, size=size, root=root, proof=consistency):
        return verifies_consistency(
            old_size=old_size, old_root=old_root, size=size, root=root, proof=proof
        )

    assert included()
    assert consistent()
    assert not included(hashed=flipped)
    assert not included(root=flipped)
    assert not included(number=(number + 1) % size)
    assert not included(proof=[*inclusion, flipped])
    assert not included(proof=inclusion[1:])
    assert not included(number=size)
    assert not consistent(old_root=flipped)
    assert not consistent(root=flipped)
    assert not consistent(proof=[*consistency, flipped])
    assert not consistent(proof=consistency[:-1])
    assert not consistent(old_size=0)
    assert not consistent(old_size=size + 1)


def test_the_same_tree_needs_no_proof():
    root = root_of(leaves(5))
    assert verifies_consistency(old_size=5, old_root=root, size=5, root=root, proof=[])
    assert not verifies_consistency(old_size=5, old_root=root, size=5, root=root, proof=[root])
    assert not verifies_consistency(old_size=5, old_root=root, size=5, root=bytes(32), proof=[])


def test_an_append_costs_as_many_hashes_as_a_counter_carries(monkeypatch):
    calls = []
    real = node_hash
    monkeypatch.setattr(
        "app.audit.domain.node_hash", lambda left, right: calls.append(1) or real(left, right)
    )
    edge = Edge()
    for hashed in leaves(1024):
        calls.clear()
        edge = edge.with_leaf(hashed)
        assert len(calls) <= 10
    assert len(edge.hashes) == 1


def test_the_edge_knows_what_each_subtree_covers():
    edge = Edge()
    for hashed in leaves(13):
        edge = edge.with_leaf(hashed)
    assert list(edge.spans()) == [(0, 8), (8, 12), (12, 13)]


@pytest.mark.parametrize(("size", "hashes"), [(3, (bytes(32),)), (-1, ()), (0, (bytes(32),))])
def test_an_edge_that_cannot_be_is_refused(size, hashes):
    with pytest.raises(ValueError, match="full subtrees"):
        Edge(size, hashes)


@pytest.mark.parametrize("number", [-1, 4])
def test_there_is_no_proof_for_what_is_not_there(number):
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_proof(number, leaves(4))
    with pytest.raises(ValueError, match="no tree"):
        consistency_proof(number * 2, leaves(4))
