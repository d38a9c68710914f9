"""What scores are made of, written a second time: pure Python 3, integers only, as plainly as the words of docs/protocol.md allow.

Reads a JSON list of cases from standard input and writes the list of their results; test/protocol/scoring/python.test.ts compares these with TypeScript's.
"""
import json
import sys

PPM = 1_000_000
NAT = 1 << 16
EXP_ONE = 1 << 24
SCALE = 80


def round_half_up(a, b):
    return (2 * a + b) // (2 * b)


def logits(model, head, values):
    """bias + rhu(sum of x * weight, 2^featureBits), by record and class."""
    features, classes, lane = head["features"], head["classes"], head["headLane"]
    rows = [values[at : at + features] for at in range(0, len(values), features)]
    return [
        model[lane + features * classes + c]
        + round_half_up(sum(x * model[lane + i * classes + c] for i, x in enumerate(row)), 1 << head["featureBits"])
        for row in rows
        for c in range(classes)
    ]


def by_record(values, classes):
    return [values[at : at + classes] for at in range(0, len(values), classes)]


def macro_auc(values, labels, classes):
    """Every pair is looked at: one that has the class, one that has not."""
    margins = [[row[c] - max(row[:c] + row[c + 1 :]) for c in range(classes)] for row in by_record(values, classes)]
    judged = []
    for c in range(classes):
        having = [row[c] for row, label in zip(margins, labels) if label == c]
        others = [row[c] for row, label in zip(margins, labels) if label != c]
        if not having or not others:
            continue
        halves = sum(2 if one > other else 1 if one == other else 0 for one in having for other in others)
        judged.append(round_half_up(halves * PPM, 2 * len(having) * len(others)))
    return round_half_up(sum(judged), len(judged))


def exp_of_minus_one_over(n):
    """2^80 * exp(-1 / n), by its series."""
    total = term = 1 << SCALE
    k = 1
    while term:
        # Towards zero, as integers divide in most languages; Python rounds down.
        term = -(term // (n * k)) if term >= 0 else -term // (n * k)
        total += term
        k += 1
    return total


def powers(step, count):
    power, table = 1 << SCALE, []
    for _ in range(count):
        table.append(power >> (SCALE - 24))
        power = (power * step) >> SCALE
    return table


def log_of_mantissa(j):
    """2^16 * ln((4096 + j) / 4096), as 2 * atanh(j / (8192 + j))."""
    x = (j << SCALE) // (8192 + j)
    square = (x * x) >> SCALE
    total, power, k = 0, x, 1
    while power:
        total += power // k
        power = (power * square) >> SCALE
        k += 2
    return (2 * total) >> (SCALE - 16)


COARSE = powers(exp_of_minus_one_over(16), 512)
FINE = powers(exp_of_minus_one_over(NAT), 4096)
MANTISSA = [log_of_mantissa(j) for j in range(4096)]
DOUBLING = log_of_mantissa(4096)


def exponential(x):
    """2^24 * exp(-x / 2^16)"""
    if x >= 32 * NAT:
        return 0
    return COARSE[x // 4096] * FINE[x % 4096] // EXP_ONE


def logarithm(v):
    """2^16 * ln(v / 2^24), v at least 2^24."""
    doublings = v.bit_length() - 25
    return doublings * DOUBLING + MANTISSA[(v >> doublings) // 4096 - 4096]


def skill(loss, prior):
    return PPM - (10 * PPM if loss >= 10 * prior else round_half_up(loss * PPM, prior))


def log_likelihood(values, labels, classes, grid_bits):
    def nats(logit):
        return logit * NAT // (1 << grid_bits)

    counts = [labels.count(c) for c in range(classes)]
    prior = sum(logarithm(len(labels) * EXP_ONE) - logarithm(counts[label] * EXP_ONE) for label in labels)
    loss = 0
    for row, label in zip(by_record(values, classes), labels):
        largest = max(row)
        total = sum(exponential(nats(largest - logit)) for logit in row)
        loss += min(logarithm(total) + nats(largest - row[label]), 32 * NAT)
    return skill(loss, prior)


def mean_absolute_error(values, targets):
    median = sorted(targets)[(len(targets) - 1) // 2]
    return skill(sum(abs(value - target) for value, target in zip(values, targets)), sum(abs(target - median) for target in targets))


def solve(case):
    kind = case["kind"]
    if kind == "logits":
        return logits(case["model"], case["head"], case["values"])
    if kind == "macro-auc":
        return macro_auc(case["logits"], case["labels"], case["classes"])
    if kind == "log-likelihood":
        return log_likelihood(case["logits"], case["labels"], case["classes"], case["gridBits"])
    if kind == "mean-absolute-error":
        return mean_absolute_error(case["logits"], case["targets"])
    raise SystemExit(f"There is no case of the kind {kind!r}.")


if __name__ == "__main__":
    json.dump([solve(case) for case in json.load(sys.stdin)], sys.stdout)
