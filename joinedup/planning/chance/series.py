"""The polynomials of chance: logarithm, power of e and normal quantile on their core ranges.

Functions of floats alone, so that the engine compiles these very lines and both give the same
bits. They are grouped in pairs (Estrin's scheme), which a processor can work on side by side.
"""

__all__ = ["exp_part", "log_part", "quantile_centre", "quantile_tail"]


def log_part(m: float) -> float:
    """Return ln m for m within sqrt(1/2) and sqrt(2): 2 atanh((m - 1) / (m + 1)) by its series."""
    f = (m - 1.0) / (m + 1.0)
    s = f * f
    s2 = s * s
    s4 = s2 * s2
    low = (1.0 + s * (1.0 / 3.0)) + s2 * (1.0 / 5.0 + s * (1.0 / 7.0))
    middle = (1.0 / 9.0 + s * (1.0 / 11.0)) + s2 * (1.0 / 13.0 + s * (1.0 / 15.0))
    high = (1.0 / 17.0 + s * (1.0 / 19.0)) + s2 * (1.0 / 21.0)
    return 2.0 * f * (low + s4 * (middle + s4 * high))


def exp_part(r: float) -> float:
    """Return e**r for r within ln(2)/2 either side of 0, by its series to the 13th power."""
    r2 = r * r
    r4 = r2 * r2
    low = (1.0 + r) + r2 * (1.0 / 2.0 + r * (1.0 / 6.0))
    middle = (1.0 / 24.0 + r * (1.0 / 120.0)) + r2 * (1.0 / 720.0 + r * (1.0 / 5040.0))
    high = (1.0 / 40320.0 + r * (1.0 / 362880.0)) + r2 * (1.0 / 3628800.0 + r * (1.0 / 39916800.0))
    last = 1.0 / 479001600.0 + r * (1.0 / 6227020800.0)
    return low + r4 * (middle + r4 * (high + r4 * last))


def quantile_centre(q: float) -> float:
    """Return the normal quantile of 0.5 + q for q within 0.425 either side of 0 (AS 241)."""
    r = 0.180625 - q * q
    r2 = r * r
    r4 = r2 * r2
    above = (
        (3.3871328727963666080e0 + r * 1.3314166789178437745e2)
        + r2 * (1.9715909503065514427e3 + r * 1.3731693765509461125e4)
    ) + r4 * (
        (4.5921953931549871457e4 + r * 6.7265770927008700853e4)
        + r2 * (3.3430575583588128105e4 + r * 2.5090809287301226727e3)
    )
    below = (
        (1.0 + r * 4.2313330701600911252e1)
        + r2 * (6.8718700749205790830e2 + r * 5.3941960214247511077e3)
    ) + r4 * (
        (2.1213794301586595867e4 + r * 3.9307895800092710610e4)
        + r2 * (2.8729085735721942674e4 + r * 5.2264952788528545610e3)
    )
    return q * above / below


def quantile_tail(r: float) -> float:
    """Return the upper quantile whose tail has the probability exp(-r r), r above 1.6 (AS 241)."""
    if r <= 5.0:
        s = r - 1.6
        above = 7.74545014278341407640e-4
        above = above * s + 2.27238449892691845833e-2
        above = above * s + 2.41780725177450611770e-1
        above = above * s + 1.27045825245236838258e0
        above = above * s + 3.64784832476320460504e0
        above = above * s + 5.76949722146069140550e0
        above = above * s + 4.63033784615654529590e0
        above = above * s + 1.42343711074968357734e0
        below = 1.05075007164441684324e-9
        below = below * s + 5.47593808499534494600e-4
        below = below * s + 1.51986665636164571966e-2
        below = below * s + 1.48103976427480074590e-1
        below = below * s + 6.89767334985100004550e-1
        below = below * s + 1.67638483018380384940e0
        below = below * s + 2.05319162663775882187e0
        return above / (below * s + 1.0)
    s = r - 5.0
    above = 2.01033439929228813265e-7
    above = above * s + 2.71155556874348757815e-5
    above = above * s + 1.24266094738807843860e-3
    above = above * s + 2.65321895265761230930e-2
    above = above * s + 2.96560571828504891230e-1
    above = above * s + 1.78482653991729133580e0
    above = above * s + 5.46378491116411436990e0
    above = above * s + 6.65790464350110377720e0
    below = 2.04426310338993978564e-15
    below = below * s + 1.42151175831644588870e-7
    below = below * s + 1.84631831751005468180e-5
    below = below * s + 7.86869131145613259100e-4
    below = below * s + 1.48753612908506148525e-2
    below = below * s + 1.36929880922735805310e-1
    below = below * s + 5.99832206555887937690e-1
    return above / (below * s + 1.0)
