"""nll_minimizer: find the constant that minimises the mean negative log-likelihood of the samples."""

import numpy as np

from backprop_autograder import Case, Definition, Property
from backprop_solutions.softmax_stability import nll_minimizer


def bernoulli_samples(rng):
    return {"samples": rng.permutation([1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0]), "distribution": "bernoulli"}


def splits_samples_in_half(result, expected, samples, distribution):
    if isinstance(result, np.ndarray) and result.shape == ():
        result = result.item()
    if type(result) not in (int, float) or not np.isfinite(result):
        return "the result is not one finite number"
    slack = 1e-9 * (1 + np.abs(samples).max())
    below = int((samples < result - slack).sum())
    above = int((samples > result + slack).sum())
    if max(below, above) > len(samples) / 2:
        return f"the result has {below} samples below and {above} above"
    return None


exercise = Definition(nll_minimizer)

values = exercise.aspect(
    "values", hint="set the derivative of the mean negative log-likelihood to zero and solve for the constant."
)


@values.case("Gaussian samples", draws=3)
def gaussian_samples(rng):
    return {"samples": rng.normal(1.5, 2.0, size=6), "distribution": "gaussian"}


values.add(Case(label="Bernoulli samples", arguments=bernoulli_samples))


@values.case("Bernoulli samples, mostly 0")
def mostly_failures(rng):
    return {"samples": rng.permutation([0.0, 1.0, 0.0, 0.0, 0.0]), "distribution": "bernoulli"}


values.add(Case(label="Bernoulli samples, another order", arguments=bernoulli_samples, visible=False))


@values.case("Bernoulli samples, all equal", draws=2)
def equal_outcomes(rng):
    return {"samples": np.full(4, float(rng.integers(0, 2))), "distribution": "bernoulli"}


@values.case("a single Gaussian sample, or equal ones")
def equal_samples(rng):
    return {"samples": np.full(int(rng.integers(1, 4)), rng.normal()), "distribution": "gaussian"}


@values.case("negative Gaussian samples")
def negative_samples(rng):
    return {"samples": rng.normal(-9.0, 2.0, size=5), "distribution": "gaussian"}


@values.case("an unknown distribution", draws=2)
def unknown_distribution(rng):
    return {"samples": rng.uniform(size=4), "distribution": str(rng.choice(["poisson", "cauchy", "normal", "Gauss"]))}


laplace = exercise.aspect(
    "laplace", hint="each sample pulls with the same force, whatever its distance: where do the pulls balance?"
)


@laplace.case("Laplace, odd number of samples", comparison=Property(splits_samples_in_half), draws=3)
def odd_number_of_samples(rng):
    return {"samples": rng.normal(size=9) ** 3 - 0.5, "distribution": "laplace"}


@laplace.case("Laplace, even number of samples", comparison=Property(splits_samples_in_half), draws=3)
def even_number_of_samples(rng):
    return {"samples": rng.normal(size=8) ** 3 - 0.5, "distribution": "laplace"}


@laplace.case("Laplace, with an outlier", comparison=Property(splits_samples_in_half), draws=2)
def samples_with_an_outlier(rng):
    return {"samples": rng.permutation([*rng.normal(size=4), 1000.0]), "distribution": "laplace"}


@laplace.case("Laplace, equal samples", comparison=Property(splits_samples_in_half), draws=2)
def repeated_samples(rng):
    a, b = rng.normal(size=2)
    return {"samples": rng.permutation([a, a, a, b, 9.0]), "distribution": "laplace"}


@laplace.case("Laplace, negative samples", comparison=Property(splits_samples_in_half))
def negative_laplace_samples(rng):
    return {"samples": -(rng.uniform(2.0, 9.0, size=5) ** 2), "distribution": "laplace"}


@laplace.case("Laplace, a single sample", comparison=Property(splits_samples_in_half))
def single_sample(rng):
    return {"samples": rng.normal(size=1), "distribution": "laplace"}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("laplace")
def mean_whatever_the_distribution(samples, distribution):
    """The mean is returned whatever the name; Laplace has absolute distances, and an unknown name should raise.

    what is the derivative of |y - c| with respect to c?
    """
    return samples.mean()


@exercise.misconception()
def median_whatever_the_distribution(samples, distribution):
    """The median minimises absolute distances, which only the Laplace distribution has.

    what is the derivative of (y - c)^2 with respect to c?
    """
    return np.median(samples)


@exercise.misconception()
def logit_of_the_probability(samples, distribution):
    """For Bernoulli samples the logit is returned; the probability itself is wanted.

    between which numbers should the result lie?
    """
    if distribution not in ("gaussian", "laplace", "bernoulli"):
        raise ValueError(distribution)
    if distribution == "laplace":
        return np.median(samples)
    mean = samples.mean()
    return np.log(mean / (1 - mean)) if distribution == "bernoulli" else mean


@exercise.misconception()
def more_frequent_outcome(samples, distribution):
    """The more frequent outcome is returned; saying it with certainty costs infinitely much once.

    what is the loss of p = 1 when a single 0 occurs?
    """
    if distribution not in ("gaussian", "laplace", "bernoulli"):
        raise ValueError(distribution)
    if distribution == "laplace":
        return np.median(samples)
    return float(samples.mean() > 0.5) if distribution == "bernoulli" else samples.mean()


@exercise.misconception("laplace")
def middle_of_the_range(samples, distribution):
    """The middle of the range depends on the two extreme samples only.

    how does one far outlier move your result?
    """
    if distribution not in ("gaussian", "laplace", "bernoulli"):
        raise ValueError(distribution)
    if distribution == "laplace":
        return (samples.min() + samples.max()) / 2
    return samples.mean()


@exercise.misconception("values", "laplace")
def value_of_the_minimum(samples, distribution):
    """The smallest loss is returned instead of the constant that attains it.

    is it the minimum that is wanted, or the minimiser?
    """
    if distribution not in ("gaussian", "laplace", "bernoulli"):
        raise ValueError(distribution)
    m = samples.mean()
    if distribution == "gaussian":
        return 0.5 * ((samples - m) ** 2).mean()
    if distribution == "laplace":
        return np.abs(samples - np.median(samples)).mean()
    return -(m * np.log(m) + (1 - m) * np.log(1 - m))


@exercise.misconception()
def root_mean_square(samples, distribution):
    """The root of the mean square measures spread around 0, not location.

    for which c is the mean of (y - c) zero?
    """
    if distribution not in ("gaussian", "laplace", "bernoulli"):
        raise ValueError(distribution)
    if distribution == "laplace":
        return np.median(samples)
    return np.sqrt((samples**2).mean()) if distribution == "gaussian" else samples.mean()


@exercise.misconception("laplace")
def middle_of_unsorted_samples(samples, distribution):
    """The middle entry is taken without sorting the samples.

    should the result depend on the order of the samples?
    """
    if distribution not in ("gaussian", "laplace", "bernoulli"):
        raise ValueError(distribution)
    if distribution == "laplace":
        return samples[len(samples) // 2]
    return samples.mean()


@exercise.misconception()
def smoothed_frequency(samples, distribution):
    """Extra counts are added to the data; the likelihood of the samples alone is asked for.

    what maximises p^k (1 - p)^(n - k)?
    """
    if distribution not in ("gaussian", "laplace", "bernoulli"):
        raise ValueError(distribution)
    if distribution == "laplace":
        return np.median(samples)
    return (samples.sum() + 1) / (len(samples) + 2) if distribution == "bernoulli" else samples.mean()


@exercise.misconception("laplace")
def median_one_place_off(samples, distribution):
    """The sorted position is one too low: indices count from 0.

    which index has the middle of seven sorted samples?
    """
    if distribution not in ("gaussian", "laplace", "bernoulli"):
        raise ValueError(distribution)
    if distribution == "laplace":
        return np.sort(samples)[len(samples) // 2 - 1]
    return samples.mean()


@exercise.misconception("laplace")
def mean_magnitude_for_laplace(samples, distribution):
    """The absolute value is taken of the samples, but it belongs to their distance from the constant.

    what if all samples are negative?
    """
    if distribution not in ("gaussian", "laplace", "bernoulli"):
        raise ValueError(distribution)
    if distribution == "laplace":
        return np.abs(samples).mean()
    return samples.mean()


@exercise.misconception()
def count_of_ones(samples, distribution):
    """The number of ones is returned; the probability is their share.

    between which numbers should the result lie?
    """
    if distribution not in ("gaussian", "laplace", "bernoulli"):
        raise ValueError(distribution)
    if distribution == "laplace":
        return np.median(samples)
    return samples.sum() if distribution == "bernoulli" else samples.mean()


exercise.slip(
    "unknown_distribution_let_through",
    ('if distribution in ("gaussian", "bernoulli"):', "if distribution:"),
    cause="Whatever is not Laplace is taken for Gaussian; an unknown name should raise ValueError.",
    next_step="what does the docstring say under Raises?",
)


@exercise.misconception()
def unknown_distribution_as_missing_key(samples, distribution):
    """An unknown name ends as the KeyError of a dict; ValueError is asked for.

    what does the docstring say under Raises?
    """
    return {"gaussian": np.mean, "bernoulli": np.mean, "laplace": np.median}[distribution](samples)


@exercise.misconception("values", "laplace")
def smallest_loss_instead_of_its_constant(samples, distribution):
    """The smallest loss is returned; the constant at which it is reached is wanted.

    which c gives the samples 2, 2, 2 a loss of 0?
    """
    if distribution == "gaussian":
        return float(np.mean((samples - samples.mean()) ** 2) / 2)
    if distribution == "laplace":
        return float(np.mean(np.abs(samples - np.median(samples))))
    if distribution == "bernoulli":
        return float(samples.mean())
    raise ValueError(distribution)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def minimizer_with_lower_median(samples, distribution):
    if distribution not in ("gaussian", "laplace", "bernoulli"):
        raise ValueError(distribution)
    if distribution == "laplace":
        return float(np.sort(samples)[(len(samples) - 1) // 2])
    return float(sum(samples) / len(samples))


@exercise.alternative
def minimizer_with_upper_median(samples, distribution):
    functions = {
        "gaussian": np.mean,
        "bernoulli": lambda s: np.count_nonzero(s) / s.size,
        "laplace": lambda s: np.partition(s, len(s) // 2)[len(s) // 2],
    }
    try:
        return functions[distribution](samples)
    except KeyError as error:
        raise ValueError("gaussian, laplace or bernoulli") from error


@exercise.alternative
def minimizer_by_trying_samples(samples, distribution):
    match distribution:
        case "laplace":
            return min(samples, key=lambda c: np.abs(samples - c).sum())
        case "gaussian" | "bernoulli":
            return np.array(samples).mean()
        case _:
            raise ValueError(f"no {distribution}")


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("('bernoulli', 'gaussian')", reason="membership has no order")
