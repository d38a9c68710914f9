"""The accountant against the table of docs/privacy.md."""

from __future__ import annotations

import pytest

from chongwen_flower.accounting import noise_charge, privacy_spent
from chongwen_flower.errors import ChongwenError

# z, rounds, ε by the ledger's formula at δ = 1e-5: docs/privacy.md, "Standard settings".
STANDARD = [(4, 30, 7.5), (2, 30, 16.9), (4, 100, 15.1)]


@pytest.mark.parametrize(("multiplier", "rounds", "epsilon"), STANDARD)
def test_the_formula_gives_what_the_page_says(multiplier, rounds, epsilon):
    spent = privacy_spent([noise_charge(multiplier)] * rounds, 1e-5)
    assert round(spent.epsilon_zcdp_ppm / 1e6, 1) == epsilon


@pytest.mark.parametrize("multiplier", [0.02, 0.1, 0.5, 1, 2, 4, 100])
@pytest.mark.parametrize("rounds", [1, 10, 30, 1000])
def test_the_accountant_never_says_more_than_the_formula(multiplier, rounds):
    spent = privacy_spent([noise_charge(multiplier)] * rounds)
    assert 0 < spent.epsilon_ppm <= spent.epsilon_zcdp_ppm


def test_the_accountant_alone_is_below_the_formula_where_it_matters():
    # 6.81 against 7.51: if only the formula were used, this would not hold.
    spent = privacy_spent([noise_charge(4)] * 30, 1e-5)
    assert 6_700_000 < spent.epsilon_ppm < 6_900_000


def test_the_accountant_has_an_order_for_little_noise_too():
    # Its usual orders begin at 1.1, where this loss is 2,000 higher.
    spent = privacy_spent([noise_charge(0.02)] * 10, 1e-5)
    assert spent.epsilon_ppm < spent.epsilon_zcdp_ppm


def test_nano_rho_is_the_exact_sum_of_the_charges():
    charges = [31_250_000, 0, 7, 31_250_000, 123_456_789_012]
    spent = privacy_spent(charges)
    assert spent.nano_rho == sum(charges)
    assert spent.releases == 4
    assert spent.delta_ppt == 10_000_000


def test_charges_round_up():
    assert noise_charge(4) == 31_250_000
    assert noise_charge(3) == 55_555_556


def test_nothing_spent_is_nothing():
    assert privacy_spent([0, 0]).epsilon_ppm == 0
    assert privacy_spent([]).nano_rho == 0


@pytest.mark.parametrize(("charges", "delta"), [([-1], 1e-5), ([1], 0), ([1], 1), ([1], 1e-13)])
def test_what_is_no_loss_or_no_chance_is_refused(charges, delta):
    with pytest.raises(ChongwenError) as problem:
        privacy_spent(charges, delta)
    assert problem.value.code == "out-of-range"


def test_its_form_in_a_bundle_has_no_floats():
    form = privacy_spent([noise_charge(1)] * 3).to_json()
    assert form["nanoRho"] == "1500000000"
    assert all(isinstance(value, int | str) for value in form.values())
