#!/usr/bin/env python3
"""Finds the polynomials of docs/Numerics.md (needs mpmath).

Each is nearly a minimax fit in high precision. Its coefficients are rounded to binary32 (or binary64)
one by one, the lowest power first, and the others fitted again around what is fixed.
Prints `name: coefficients` from the highest power down, as Horner's rule reads them, and log2 of the error.
"""

import struct

from mpmath import mp, mpf

mp.prec = 200


def rounded(value, code):
    return mpf(struct.unpack(code, struct.pack(code, float(value)))[0])


def chebyshev_points(low, high, count):
    return [(low + high) / 2 - (high - low) / 2 * mp.cos(mp.pi * (i + mpf("1e-9")) / (count - 1))
            for i in range(count)]  # none exactly 0


def solve(target, weight, powers, points):
    """The coefficients of the fit sum c_j x^powers[j], by reweighted least squares (Lawson)."""
    rows = [[weight(x) * x ** power for power in powers] for x in points]
    goals = [weight(x) * target(x) for x in points]
    factors = [mpf(1)] * len(points)
    for _ in range(20):
        roots = [mp.sqrt(factor) for factor in factors]
        matrix = mp.matrix([[root * entry for entry in row] for root, row in zip(roots, rows)])
        solution = mp.lu_solve(matrix, mp.matrix([root * goal for root, goal in zip(roots, goals)]))
        errors = [abs(sum(c * entry for c, entry in zip(solution, row)) - goal) for row, goal in zip(rows, goals)]
        factors = [factor * error for factor, error in zip(factors, errors)]
        total = sum(factors)
        factors = [factor / total for factor in factors]
    return list(solution)


def fit(name, target, degree, low, high, weight, code="f"):
    """Fits a polynomial of this degree, rounds it, and prints it."""
    fixed, points = [], chebyshev_points(mpf(low), mpf(high), 100)

    def rest(x):
        return target(x) - sum(c * x ** p for p, c in enumerate(fixed))

    for power in range(degree + 1):
        fixed.append(rounded(solve(rest, weight, range(power, degree + 1), points)[0], code))
    error = max(abs(weight(x) * rest(x)) for x in chebyshev_points(mpf(low), mpf(high), 1000))
    # Seventeen digits name a binary64 number, nine a binary32 number.
    digits = 17 if code == "d" else 9
    print(f"{name}: {', '.join(mp.nstr(c, digits) for c in reversed(fixed))}")
    print(f"    error 2^{mp.nstr(mp.log(error, 2), 4)}")


def main():
    tiny = mpf(2) ** -40  # stands for 0, where the formulas below divide by it
    half_log2, third = mp.log(2) / 2 * mpf("1.001"), mpf(1) / 3
    # The argument of fits in squares is z = x^2.
    fit("exp", lambda r: (mp.expm1(r) - r) / r ** 2, 4, -half_log2, half_log2, abs)
    fit("log", lambda f: (mp.log1p(f) - f + f * f / 2) / f ** 3, 7, -third, third, lambda f: f * f)
    fit("tanh", lambda z: (mp.tanh(mp.sqrt(z)) / mp.sqrt(z) - 1) / z, 4, tiny, mpf("0.625") ** 2, abs)
    fit("sin", lambda z: (mp.sin(mp.sqrt(z)) / mp.sqrt(z) - 1) / z, 2, tiny, mpf("0.786") ** 2, abs)
    fit("cos", lambda z: (mp.cos(mp.sqrt(z)) - 1 + z / 2) / z ** 2, 2, tiny, mpf("0.786") ** 2,
        lambda z: z * z)
    fit("atan", lambda z: (mp.atan(mp.sqrt(z)) / mp.sqrt(z) - 1) / z, 8, tiny, mpf(1), abs)
    fit("erf", lambda z: mp.erf(mp.sqrt(z)) / mp.sqrt(z) - 1, 6, tiny, mpf(1), lambda z: mpf(1))
    # erf(t) = 1 - exp(t * q(t)); the weight is the derivative of exp.
    fit("erfc", lambda t: mp.log(mp.erfc(t)) / t, 6, mpf(1), mpf(4), lambda t: t * mp.erfc(t))
    fit("pow, log", lambda f: (mp.log1p(f) - f + f * f / 2) / f ** 3, 12, -third, third, lambda f: f * f, "d")
    fit("pow, exp2", lambda t: (2 ** t - 1) / t, 6, -mpf(1) / 2, mpf(1) / 2, abs, "d")


if __name__ == "__main__":
    main()
