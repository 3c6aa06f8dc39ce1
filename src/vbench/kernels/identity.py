"""The heaviest one-to-one assignment of tracks that share boxes."""

from __future__ import annotations

import numpy as np
from numba import njit

from vbench.types import F64, I64


@njit(cache=True, nogil=True)
def heaviest_matching(left: I64, right: I64, weight: F64, n_left: int, n_right: int) -> I64:
    """One-to-one matching of the most total weight in a sparse graph; nodes may stay alone.

    Shortest augmenting paths from each left node (Jonker and Volgenant 1987) over the edges that
    exist, so memory is linear in them. Exact where weights are whole numbers.

    Args:
        left: (E,) 0 .. n_left - 1, each pair of nodes at most once.
        right: (E,) 0 .. n_right - 1.
        weight: (E,) above 0.
        n_left: how many left nodes there are.
        n_right: how many right nodes there are.

    Returns:
        (n_left,) right node or -1.
    """
    first = np.zeros(n_left + 1, np.int64)
    left_price = np.zeros(n_left)
    for e in range(len(left)):
        first[left[e] + 1] += 1
        left_price[left[e]] = max(left_price[left[e]], weight[e])
    first = np.cumsum(first)
    edges = np.argsort(left, kind="mergesort")
    right_price = np.zeros(n_right)
    right_of = np.full(n_left, -1, np.int64)
    left_of = np.full(n_right, -1, np.int64)
    # Distances of the search from one left node; what it touched is put back after it.
    distance = np.full(n_right, np.inf)
    came_from = np.full(n_right, -1, np.int64)
    done = np.zeros(n_right, np.bool_)
    touched = np.empty(n_right, np.int64)
    tree = np.empty(n_left, np.int64)
    tree_distance = np.empty(n_left)
    for start in range(n_left):
        n_touched = 0
        n_tree = 0
        node, reached = start, 0.0
        # The cheapest way to end: some left node of the tree stays alone.
        lonely, shortest = -1, np.inf
        sink = -1
        while True:
            tree[n_tree], tree_distance[n_tree] = node, reached
            n_tree += 1
            if reached + left_price[node] < shortest:
                lonely, shortest = node, reached + left_price[node]
            for k in range(first[node], first[node + 1]):
                j = right[edges[k]]
                if done[j]:
                    continue
                length = reached + left_price[node] + right_price[j] - weight[edges[k]]
                if length < distance[j]:
                    if distance[j] == np.inf:
                        touched[n_touched] = j
                        n_touched += 1
                    distance[j] = length
                    came_from[j] = node
            nearest = -1
            for k in range(n_touched):
                j = touched[k]
                if not done[j] and (nearest < 0 or distance[j] < distance[nearest]):
                    nearest = j
            if nearest < 0 or distance[nearest] >= shortest:
                break
            reached = distance[nearest]
            if left_of[nearest] < 0:
                sink, shortest = nearest, reached
                break
            done[nearest] = True
            node = left_of[nearest]
        for k in range(n_tree):
            left_price[tree[k]] -= shortest - tree_distance[k]
        for k in range(n_touched):
            if done[touched[k]]:
                right_price[touched[k]] += shortest - distance[touched[k]]
        j = sink
        if sink < 0:
            j = right_of[lonely]
            right_of[lonely] = -1
        while j >= 0:
            node = came_from[j]
            left_of[j] = node
            j, right_of[node] = right_of[node], j
            if node == start:
                break
        for k in range(n_touched):
            distance[touched[k]] = np.inf
            done[touched[k]] = False
    return right_of
