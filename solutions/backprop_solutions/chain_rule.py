"""Unit 1: the chain rule and computational graphs."""

import numpy as np


def evaluate_graph(x1, x2):
    """Evaluate every node of the graph of (2 x1 + 3 x2)^2 + 3.

    Parameters
    ----------
    x1, x2 : float
        Inputs.

    Returns
    -------
    dict
        Values of the nodes ``x1, x2, a, b, c, e, g``, where
        ``a = 2 x1``, ``b = 3 x2``, ``c = a + b``, ``e = c^2``, ``g = e + 3``.
    """
    ### BEGIN SOLUTION
    a = 2 * x1
    b = 3 * x2
    c = a + b
    e = c**2
    return {"x1": x1, "x2": x2, "a": a, "b": b, "c": c, "e": e, "g": e + 3}
    ### END SOLUTION


def backpropagate_graph(values):
    """Compute the derivative of g with respect to every node, from g back to the inputs.

    Parameters
    ----------
    values : dict
        What ``evaluate_graph`` returned: the value of each node.

    Returns
    -------
    dict
        ``dg/dnode`` for the nodes ``x1, x2, a, b, c, e, g``.
    """
    ### BEGIN SOLUTION
    dg = 1.0
    de = dg * 1.0
    dc = de * 2 * values["c"]
    da = dc * 1.0
    db = dc * 1.0
    return {"g": dg, "e": de, "c": dc, "a": da, "b": db, "x1": da * 2, "x2": db * 3}
    ### END SOLUTION


def compose_derivative(functions, derivatives, x):
    """Compute the derivative of f_n(... f_2(f_1(x))) at x.

    Parameters
    ----------
    functions : list of callable
        ``f_1, ..., f_n``; ``functions[0]`` is applied first. Call each at most once. The list stays as it is.
    derivatives : list of callable
        ``f_1', ..., f_n'``, in the same order. Call each at most once.
    x : float
        Where to differentiate.

    Returns
    -------
    float
        The derivative of the whole composition.
    """
    ### BEGIN SOLUTION
    total = 1.0
    for function, derivative in zip(functions, derivatives, strict=True):
        total *= derivative(x)
        x = function(x)
    return total
    ### END SOLUTION


def total_derivative(dz_dy, dy_dx):
    """Compute dz/dx when x acts on z through k intermediate variables y_1, ..., y_k.

    Parameters
    ----------
    dz_dy : array, shape (k,)
        ``dz/dy_i`` for each intermediate variable.
    dy_dx : array, shape (k,)
        ``dy_i/dx`` for each intermediate variable.

    Returns
    -------
    float
        The total derivative ``dz/dx``.
    """
    ### BEGIN SOLUTION
    return np.dot(dz_dy, dy_dx)
    ### END SOLUTION


def topological_order(edges):
    """Order the nodes of a graph so that each comes after all of its inputs.

    Parameters
    ----------
    edges : list of (source, target, derivative)
        ``target`` is computed from ``source``. The list may be in any order, and stays as it is.

    Returns
    -------
    list
        Every node exactly once, sources before targets; any valid order will do.

    Raises
    ------
    ValueError
        If the graph has a cycle.
    """
    ### BEGIN SOLUTION
    readers = {node: [] for edge in edges for node in edge[:2]}
    waiting = dict.fromkeys(readers, 0)
    for source, target, _ in edges:
        readers[source].append(target)
        waiting[target] += 1
    order = [node for node in readers if waiting[node] == 0]
    for node in order:  # the list grows while it is read
        for target in readers[node]:
            waiting[target] -= 1
            if waiting[target] == 0:
                order.append(target)
    if len(order) < len(readers):
        raise ValueError("the graph has a cycle")
    return order
    ### END SOLUTION


def sum_over_paths(edges, source, target):
    """Compute d target/d source: the sum, over all paths, of the product of a path's derivatives.

    Parameters
    ----------
    edges : list of (source, target, derivative)
        A graph without cycles; ``derivative`` is the partial one of ``target``, other operands held still.
        Parallel edges are different paths. The list stays as it is.
    source, target : str
        Names of two nodes.

    Returns
    -------
    float
        1 if both are the same node, 0 if no path leads from one to the other.
    """
    ### BEGIN SOLUTION
    if source == target:
        return 1.0
    following = [(node, derivative) for start, node, derivative in edges if start == source]
    return sum((derivative * sum_over_paths(edges, node, target) for node, derivative in following), 0.0)
    ### END SOLUTION


def reverse_accumulate(edges, target):
    """Compute the derivative of one node with respect to every node, using each edge once.

    An edge may be looked at a few times, but not again for every node of the graph.

    Parameters
    ----------
    edges : list of (source, target, derivative)
        A graph without cycles, listed in any order; ``derivative`` is the partial one of ``target``.
        The list stays as it is.
    target : str
        The node to differentiate.

    Returns
    -------
    dict
        ``d target/d node`` for every node of the graph; 0 where ``target`` does not depend on it.
    """
    ### BEGIN SOLUTION
    order = topological_order(edges)
    place = {node: k for k, node in enumerate(order)}
    adjoints = dict.fromkeys(reversed(order), 0.0)
    adjoints[target] = 1.0
    for source, reader, derivative in sorted(edges, key=lambda edge: -place[edge[0]]):
        adjoints[source] += adjoints[reader] * derivative
    return adjoints
    ### END SOLUTION


def forward_accumulate(edges, source):
    """Compute the derivative of every node with respect to one node, using each edge once.

    An edge may be looked at a few times, but not again for every node of the graph.

    Parameters
    ----------
    edges : list of (source, target, derivative)
        A graph without cycles, listed in any order; ``derivative`` is the partial one of ``target``.
        The list stays as it is.
    source : str
        The node to differentiate with respect to.

    Returns
    -------
    dict
        ``d node/d source`` for every node of the graph; 0 where it does not depend on ``source``.
    """
    ### BEGIN SOLUTION
    order = topological_order(edges)
    place = {node: k for k, node in enumerate(order)}
    tangents = dict.fromkeys(order, 0.0)
    tangents[source] = 1.0
    for start, target, derivative in sorted(edges, key=lambda edge: place[edge[0]]):
        tangents[target] += derivative * tangents[start]
    return tangents
    ### END SOLUTION
