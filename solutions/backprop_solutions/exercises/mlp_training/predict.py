"""predict: predict the label of each row: the class with the largest logit."""

import numpy as np

from backprop_autograder import Definition, Exactly
from backprop_solutions.exercises.mlp_training.inputs import D, H, K, network
from backprop_solutions.mlp_training import mlp_forward, predict

exercise = Definition(predict)

values = exercise.aspect("values", hint="the logits of a row rank its classes: where is the largest?")


@values.case("labels of nine rows", comparison=Exactly(integers=True), draws=3)
def images_and_network(rng):
    return {"X": rng.normal(size=(9, D)), "parameters": network(rng, (D, H, K))}


@values.case("negative logits", comparison=Exactly(integers=True))
def negative_logits(rng):
    (W, b), (V, c) = network(rng, (D, H, K))
    return {"X": rng.normal(size=(9, D)), "parameters": [(W, b), (0.1 * V, c - 30)]}


@values.case("the label of one image", comparison=Exactly(integers=True))
def one_image(rng):
    return {"X": rng.normal(size=(1, D)), "parameters": network(rng, (D, H, K))}


@values.case("a network without hidden layer", comparison=Exactly(integers=True))
def single_layer(rng):
    return {"X": rng.normal(size=(9, D)), "parameters": network(rng, (D, K))}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def largest_image_of_each_class(X, parameters):
    """The maximum runs over the rows; it has to run over the classes.

    which axis of the logits is the batch?
    """
    return mlp_forward(X, parameters)[0].argmax(axis=0)


@exercise.misconception()
def least_likely_class(X, parameters):
    """This is the class with the smallest logit.

    does a large logit mean likely or unlikely?
    """
    return mlp_forward(X, parameters)[0].argmin(axis=1)


@exercise.misconception()
def logit_instead_of_label(X, parameters):
    """This is the largest logit itself; its position is the label.

    which method returns where the maximum is?
    """
    return mlp_forward(X, parameters)[0].max(axis=1)


@exercise.misconception()
def labels_from_one(X, parameters):
    """Classes are counted from 1; the digit 0 has label 0.

    what is the index of the first column?
    """
    return mlp_forward(X, parameters)[0].argmax(axis=1) + 1


@exercise.misconception()
def one_hot_predictions(X, parameters):
    """These are one-hot rows; labels have the shape (N,).

    what is the shape of y?
    """
    logits, _ = mlp_forward(X, parameters)
    return (logits == logits.max(axis=1, keepdims=True)).astype(int)


@exercise.misconception()
def largest_absolute_logit(X, parameters):
    """The sign of the logits is dropped, so very unlikely classes win.

    what does a logit of -30 say?
    """
    return np.abs(mlp_forward(X, parameters)[0]).argmax(axis=1)


@exercise.misconception()
def one_label_for_the_batch(X, parameters):
    """One label is returned for the whole batch; every row has its own.

    along which axis should the maximum be taken?
    """
    return mlp_forward(X, parameters)[0].argmax()


@exercise.misconception()
def logits_returned(X, parameters):
    """These are the logits; the label of a row is the position of its largest one.

    what is the shape of y?
    """
    return mlp_forward(X, parameters)[0]


@exercise.misconception()
def cache_not_taken_off(X, parameters):
    """mlp_forward returns two things, logits and cache; argmax is asked of the pair.

    which of the two ranks the classes?
    """
    return mlp_forward(X, parameters).argmax(axis=1)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def predict_by_sorting(X, parameters):
    return np.argsort(mlp_forward(X, parameters)[0], axis=1)[:, -1]


@exercise.alternative
def predict_row_by_row(X, parameters):
    return np.array([int(np.argmax(mlp_forward(row[None], parameters)[0])) for row in X])


@exercise.alternative
def predict_by_probabilities(X, parameters):
    logits, _ = mlp_forward(X, parameters)
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.argmax(odds / odds.sum(axis=1, keepdims=True), axis=1)


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("axis=-1", reason="a matrix's last axis is its second")
